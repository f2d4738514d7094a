import type { Schemas } from '@/api/client';
import type { paths } from '@/api/schema';
import { useAddressView } from '@/ui/addressView';
import { SEVERITIES } from '@/ui/Severity';

export type AlertQuery = NonNullable<paths['/api/v1/alerts']['get']['parameters']['query']>;
export type PendingQuery = NonNullable<paths['/api/v1/alerts/pending']['get']['parameters']['query']>;
export type AlertState = Schemas['AlertState'];

export const TABS = ['pending', 'open', 'acknowledged', 'resolved'] as const;
export type Tab = (typeof TABS)[number];
export type AlertTab = Exclude<Tab, 'pending'>;

/** What the platform calls the alerts of a tab; what is pending is no alert yet. */
export const STATES: Record<AlertTab, AlertState> = {
  open: 'active',
  acknowledged: 'acknowledged',
  resolved: 'resolved',
};

/** Which alerts are looked at; it stands in the address, so that it can be sent to somebody. */
export interface AlertView {
  readonly tab: string;
  /** The mildest that is shown; empty for all. */
  readonly severity: string;
  readonly device: string;
  readonly rule: string;
  /** `mine`, `nobody`, or empty for everybody's. */
  readonly whose: string;
  readonly text: string;
}

const FIELDS = ['tab', 'severity', 'device', 'rule', 'whose', 'text'] as const;
const FILTERS = ['severity', 'device', 'rule', 'whose', 'text'] as const;

export const ALL = { severity: '', device: '', rule: '', whose: '', text: '' } as const;

export const useAlertView = () => useAddressView(FIELDS);

export const tabOf = (view: AlertView): Tab => TABS.find((tab) => tab === view.tab) ?? 'open';

export const isFiltered = (view: AlertView) => FILTERS.some((field) => view[field] !== '');

/** What the platform is asked for where something is pending. */
export function pendingQueryFrom({ severity, device, rule }: AlertView): PendingQuery {
  const mildest = SEVERITIES.findIndex((word) => word === severity);
  return {
    severity: mildest > 0 ? SEVERITIES.slice(mildest) : undefined,
    device: device.trim() || undefined,
    rule: rule.trim() || undefined,
  };
}

/** What the platform is asked for. */
export function queryFrom(view: AlertView, me: string | undefined): AlertQuery {
  const { whose, text } = view;
  const tab = tabOf(view);
  return {
    ...pendingQueryFrom(view),
    state: tab === 'pending' ? undefined : [STATES[tab]],
    assignee: whose === 'mine' ? me : undefined,
    unassigned: whose === 'nobody' || undefined,
    q: text.trim() || undefined,
  };
}
