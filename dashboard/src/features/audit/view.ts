import { useAddressView } from '@/ui/addressView';

/** Which entries are looked at; it stands in the address, so that it can be sent to somebody. */
export interface AuditView {
  readonly action: string;
  readonly actor: string;
  readonly target: string;
  readonly text: string;
  /** How far back, such as `-24h`; empty for all, `span` for from and to. */
  readonly time: string;
  readonly from: string;
  readonly to: string;
}

const FIELDS = ['action', 'actor', 'target', 'text', 'time', 'from', 'to'] as const;

export const TIMES = [
  { value: '', label: 'Any time' },
  { value: '-1h', label: 'Last hour' },
  { value: '-24h', label: 'Last 24 hours' },
  { value: '-7d', label: 'Last 7 days' },
  { value: '-30d', label: 'Last 30 days' },
  { value: 'span', label: 'From … to …' },
];

/** As docs/reference/audit.md lists them, for suggestions; the platform may know more. A first word stands for all. */
export const ACTIONS = [
  'configuration.set',
  'device',
  'device.registered',
  'device.updated',
  'device.status_changed',
  'device.decommissioned',
  'device.key_rotated',
  'organization',
  'provisioning_key',
  'role',
  'telemetry.erased',
  'token',
  'token.created',
  'token.revoked',
  'user',
  'user.signed_in',
  'user.signed_out',
  'user.sign_in_failed',
  'user.created',
  'user.updated',
  'user.disabled',
  'user.removed',
  'user.password_changed',
];

export const useAuditView = () => useAddressView(FIELDS);

export const isFiltered = (view: AuditView) => FIELDS.some((field) => view[field] !== '');

/** What the platform is asked for; a local time of the form becomes one in UTC. */
export function queryFrom({ action, actor, target, text, time, from, to }: AuditView) {
  const span = time === 'span' ? { from: instant(from), to: instant(to) } : { from: time || undefined, to: undefined };
  return {
    action: action.trim() || undefined,
    actor: actor.trim() || undefined,
    target: target.trim() || undefined,
    text: text.trim() || undefined,
    ...span,
  };
}

function instant(local: string): string | undefined {
  const millis = Date.parse(local);
  return Number.isNaN(millis) ? undefined : new Date(millis).toISOString();
}
