import { Card } from '@mantine/core';
import { IconHourglassEmpty } from '@tabler/icons-react';
import { Link } from 'react-router';
import { Empty } from '@/ui/Empty';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { RowsSkeleton } from '@/ui/Rows';
import { Severity } from '@/ui/Severity';
import { useNow } from '@/ui/clock';
import { formatDuration, formatLocal } from '@/ui/format';
import { Ago } from '@/ui/Time';
import { usePending } from './api';
import classes from './Alerts.module.css';
import { type AlertView, pendingQueryFrom } from './view';

/** What rules with a hold time have found, and what becomes an alert if it goes on. */
export function PendingList({ view }: { readonly view: AlertView }) {
  const { data, isPending, error, refetch } = usePending(pendingQueryFrom(view));
  if (error) return <ProblemNotice failure={error} retry={() => void refetch()} />;
  if (isPending) return <RowsSkeleton label="Loading what is pending" />;
  if (data.length === 0) {
    return (
      <Card>
        <Empty icon={IconHourglassEmpty} title="Nothing is pending">
          What a rule with a hold time finds stands here until it has held for long enough, or has ended.
        </Empty>
      </Card>
    );
  }
  return (
    <Card padding={0}>
      <ul className={classes.rows} aria-label="Pending alerts">
        {data.map(({ rule_id, rule_name, device_id, device_name, severity, pending_since, due_at }) => (
          <li className={classes.row} key={`${rule_id} ${device_id}`}>
            <span className={classes.severity}>
              <Severity severity={severity} />
            </span>
            <div className={classes.what}>
              <Link to={`/rules/${rule_id}`} className={classes.message}>
                {rule_name}
              </Link>
              <div className={classes.about}>
                <Link to={`/devices/${device_id}`}>{device_name}</Link>
                <span>
                  holds since <Ago at={pending_since} />
                </span>
              </div>
            </div>
            <span className={classes.age}>
              <Due at={due_at} />
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** When it becomes an alert. */
function Due({ at }: { readonly at: string }) {
  const due = Date.parse(at);
  const left = due - useNow();
  return (
    <time dateTime={at} title={formatLocal(due)}>
      {left <= 0 ? 'due' : `in ${formatDuration(left)}`}
    </time>
  );
}
