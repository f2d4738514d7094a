import { ActionIcon, Checkbox, Tooltip } from '@mantine/core';
import { IconCircleCheck, IconEye } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { Severity } from '@/ui/Severity';
import { formatCount } from '@/ui/format';
import { Ago } from '@/ui/Time';
import type { Alert } from './api';
import classes from './Alerts.module.css';

interface Props {
  readonly alert: Alert;
  /** Whether the device is named; on its own page it need not be. */
  readonly device?: boolean;
  /** Where the keyboard stands. */
  readonly current?: boolean;
  readonly chosen?: boolean;
  readonly onChoose?: () => void;
  /** Absent: it cannot be done here. */
  readonly onAcknowledge?: () => void;
  readonly onResolve?: () => void;
}

/** One alert of a list. */
export function AlertRow({ alert, device = true, current, chosen, onChoose, onAcknowledge, onResolve }: Props) {
  const { id, message, rule_name, device_id, device_name, occurrences, assignee, began_at, severity } = alert;
  return (
    <li className={classes.row} data-current={current || undefined} data-alert={id} data-chosen={chosen || undefined}>
      {onChoose && (
        <Checkbox
          className={classes.choice}
          size="xs"
          checked={chosen ?? false}
          onChange={onChoose}
          aria-label={`Select alert ${id}`}
          tabIndex={-1}
        />
      )}
      <span className={classes.severity}>
        <Severity severity={severity} />
      </span>
      <div className={classes.what}>
        <Link to={`/alerts/${id}`} className={classes.message}>
          {message}
        </Link>
        <div className={classes.about}>
          {device && <Link to={`/devices/${device_id}`}>{device_name}</Link>}
          {rule_name !== message && <span>{rule_name}</span>}
          {occurrences > 1 && <span title="How often it was found">{formatCount(occurrences)} times</span>}
          <Marks alert={alert} />
        </div>
      </div>
      <span className={classes.assignee}>{assignee ?? <span className={classes.nobody}>nobody</span>}</span>
      <span className={classes.age}>
        <Ago at={began_at} />
      </span>
      {(onAcknowledge || onResolve) && (
        <span className={classes.acts}>
          {onAcknowledge && alert.state === 'active' && (
            <Act label="Acknowledge" run={onAcknowledge}>
              <IconEye size={18} stroke={1.6} />
            </Act>
          )}
          {onResolve && alert.state !== 'resolved' && (
            <Act label="Resolve" run={onResolve}>
              <IconCircleCheck size={18} stroke={1.6} />
            </Act>
          )}
        </span>
      )}
    </li>
  );
}

/** What else is to be known of an alert, in a word each. */
export function Marks({ alert }: { readonly alert: Alert }) {
  const { state, cleared_at, resolved_by, acknowledged_by, false_positive } = alert;
  return (
    <>
      {state !== 'resolved' && cleared_at && <span className={classes.over}>is over</span>}
      {state === 'acknowledged' && acknowledged_by && <span>seen by {acknowledged_by}</span>}
      {state === 'resolved' && resolved_by && (
        <span>{resolved_by === 'rule' ? 'ended by itself' : `resolved by ${resolved_by}`}</span>
      )}
      {false_positive && <span className={classes.over}>false positive</span>}
    </>
  );
}

interface ActProps {
  readonly label: string;
  readonly run: () => void;
  readonly children: ReactNode;
}

function Act({ label, run, children }: ActProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon aria-label={label} onClick={run} size="lg">
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
