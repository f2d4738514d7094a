import type { FeedEvent } from '@/live/feed';
import { SEVERITIES, type SeverityWord } from '@/ui/Severity';
import type { Alert } from './api';
import type { AlertState } from './view';

/** What the live feed says of an alert: what happened, and how it stands now. */
export interface AlertNews {
  readonly id: number;
  readonly event: string;
  readonly severity: SeverityWord;
  readonly device: string;
  readonly message: string;
  readonly state: AlertState;
  readonly occurrences: number;
  readonly assignee: string | null;
}

/** Null for an event that says too little. */
export function newsOf(event: FeedEvent): AlertNews | null {
  const severity = SEVERITIES.find((word) => word === event.severity);
  const state = (['active', 'acknowledged', 'resolved'] as const).find((word) => word === event.state);
  if (typeof event.alert_id !== 'number' || !severity || !state) return null;
  return {
    id: event.alert_id,
    event: String(event.event),
    severity,
    device: event.device_name ?? '',
    message: String(event.message ?? ''),
    state,
    occurrences: Number(event.occurrences) || 1,
    assignee: typeof event.assignee === 'string' ? event.assignee : null,
  };
}

/** The same alert, as the news say it stands now. */
export function withNews<T extends Alert>(alert: T, news: AlertNews): T {
  if (alert.id !== news.id) return alert;
  const { severity, message, state, occurrences, assignee } = news;
  return { ...alert, severity, message, state, occurrences, assignee };
}
