import type { Schemas } from '@/api/client';
import type { paths } from '@/api/schema';
import { useAddressView } from '@/ui/addressView';
import { SEVERITIES } from '@/ui/Severity';

export type AlertQuery = NonNullable<paths['/api/v1/alerts']['get']['parameters']['query']>;
export type AlertState = Schemas['AlertState'];

export const TABS = ['open', 'acknowledged', 'resolved'] as const;
export type Tab = (typeof TABS)[number];

/** What the platform calls the alerts of a tab. */
export const STATES: Record<Tab, AlertState> = { open: 'active', acknowledged: 'acknowledged', resolved: 'resolved' };

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

/** What the platform is asked for. */
export function queryFrom(view: AlertView, me: string | undefined): AlertQuery {
  const { severity, device, rule, whose, text } = view;
  const mildest = SEVERITIES.findIndex((word) => word === severity);
  return {
    state: [STATES[tabOf(view)]],
    severity: mildest > 0 ? SEVERITIES.slice(mildest) : undefined,
    device: device.trim() || undefined,
    rule: rule.trim() || undefined,
    assignee: whose === 'mine' ? me : undefined,
    unassigned: whose === 'nobody' || undefined,
    q: text.trim() || undefined,
  };
}
