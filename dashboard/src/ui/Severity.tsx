import { IconAlertTriangle, IconFlame, IconInfoCircle, IconUrgent } from '@tabler/icons-react';
import type { Schemas } from '@/api/client';
import classes from './Severity.module.css';

export type SeverityWord = Schemas['Severity'];

/** The mildest first. */
export const SEVERITIES = ['info', 'warning', 'major', 'critical'] as const satisfies readonly SeverityWord[];

const ICONS = { info: IconInfoCircle, warning: IconAlertTriangle, major: IconUrgent, critical: IconFlame } as const;

/** How bad something is, told by a picture and a word as well as by colour. */
export function Severity({ severity }: { readonly severity: SeverityWord }) {
  const Picture = ICONS[severity];
  return (
    <span className={classes.severity} data-severity={severity}>
      <Picture size={15} stroke={1.8} aria-hidden />
      {severity}
    </span>
  );
}
