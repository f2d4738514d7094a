import { Anchor } from '@mantine/core';
import { Link } from 'react-router';
import { useMay } from '@/api/me';
import { Figure } from '@/ui/Figure';
import { formatCount } from '@/ui/format';
import { SEVERITIES, Severity } from '@/ui/Severity';
import { useAlertCounts } from './api';
import classes from './Alerts.module.css';

/** How many alerts nobody looks after yet, and how bad the open ones are. */
export function AlertsFigure() {
  const may = useMay()('alerts:read');
  const counts = useAlertCounts(may).data;
  if (!may) return null;
  const worst = SEVERITIES.toReversed().filter((severity) => counts && counts.by_severity[severity] > 0);
  return (
    <Figure
      label="Alerts to look at"
      value={counts && formatCount(counts.active)}
      tone={counts && counts.by_severity.critical > 0 ? 'bad' : undefined}
      note={
        counts && (counts.acknowledged > 0 ? `${formatCount(counts.acknowledged)} more are looked after` : undefined)
      }
    >
      <ul className={classes.severities} aria-label="Open alerts by severity">
        {worst.map((severity) => (
          <li key={severity}>
            <Severity severity={severity} /> {formatCount(counts!.by_severity[severity])}
          </li>
        ))}
      </ul>
      <Anchor component={Link} to="/alerts" size="xs" c="dimmed">
        See the inbox
      </Anchor>
    </Figure>
  );
}
