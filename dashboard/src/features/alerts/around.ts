import type { Span } from '@/charts/ranges';
import type { Alert } from './api';

export type Around = Pick<Alert, 'began_at' | 'cleared_at' | 'resolved_at'>;

const MINUTE = 60_000;
/** At least so much is shown before and after, in milliseconds. */
const AIR = 10 * MINUTE;
/** Of one that lasts longer only the beginning is shown; its end says little about why. */
const LONGEST = 6 * 60 * MINUTE;

/** What to draw of the time around an alert, and which part of it the alert took: until now, if it goes on. */
export function around(alert: Around, now: number): { readonly span: Span; readonly marked: Span } {
  const from = Date.parse(alert.began_at);
  const end = alert.cleared_at ?? alert.resolved_at;
  const to = Math.max(end === null ? now : Date.parse(end), from);
  const air = Math.max(AIR, Math.min(to - from, LONGEST) / 2);
  return {
    span: { from: from - air, to: Math.max(Math.min(to + air, now, from + LONGEST), from + MINUTE) },
    marked: { from, to },
  };
}
