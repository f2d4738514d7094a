import type { AuditEntry } from './api';

type Actor = AuditEntry['actor'];
type Target = AuditEntry['target'];

/** Who did it, as people would say it. */
export function actorWords({ type, name, id }: Actor): string {
  if (type === 'platform') return 'the platform';
  if (type === 'anybody') return 'somebody unknown';
  return name || id;
}

/** What it was done to. */
export const targetWords = ({ name, id }: Target) => name || id;

/** `device.status_changed` is `Device status changed`. */
export function actionWords(action: string): string {
  const words = action.replaceAll(/[._]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** One field that an act changed; absent on the side where it was not there. */
export interface Change {
  readonly field: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** What was changed, field by field. */
export function changes({ before = {}, after = {} }: Pick<AuditEntry, 'before' | 'after'>): Change[] {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return fields.map((field) => ({ field, before: textOf(before[field]), after: textOf(after[field]) }));
}

function textOf(value: unknown): string | null {
  if (value === undefined) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
