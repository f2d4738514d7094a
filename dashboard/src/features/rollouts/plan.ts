import type { NewRollout, Rollout, Scope } from './api';

/** What stands in a field for a number: a text while it is empty. */
type Typed = number | string;

export interface StageDraft {
  readonly size: Typed;
  readonly unit: 'devices' | 'percent';
  /** Empty for what holds for all stages. */
  readonly success: Typed;
  readonly error: Typed;
}

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof DAYS)[number];

export interface WindowDraft {
  readonly days: readonly Day[];
  readonly from: string;
  readonly to: string;
  readonly zone: string;
}

/** A rollout while somebody plans it. */
export interface PlanDraft {
  readonly name: string;
  readonly firmware: number | null;
  /** Null for the caller's own. */
  readonly organization: number | null;
  readonly types: readonly string[];
  readonly groups: readonly string[];
  readonly devices: readonly string[];
  readonly filter: string;
  /** Those before the last, which takes all that are left. */
  readonly stages: readonly StageDraft[];
  readonly success: Typed;
  readonly error: Typed;
  readonly rollback: boolean;
  readonly approval: boolean;
  readonly joins: boolean;
  /** As a field of the browser has it, in the reader's zone: `2026-01-10T20:00`; empty for at once. */
  readonly start: string;
  readonly windows: readonly WindowDraft[];
  readonly rate: Typed;
  readonly attempts: Typed;
  readonly timeout: string;
}

export const FRESH_STAGE: StageDraft = { size: 10, unit: 'percent', success: '', error: '' };

export const FRESH: PlanDraft = {
  name: '',
  firmware: null,
  organization: null,
  types: [],
  groups: [],
  devices: [],
  filter: '',
  stages: [{ ...FRESH_STAGE, size: 1, unit: 'devices' }],
  success: 90,
  error: 10,
  rollback: false,
  approval: false,
  joins: false,
  start: '',
  windows: [],
  rate: '',
  attempts: 3,
  timeout: '1h',
};

/** Which devices are meant; a device must be in all that is said. */
export function scopeOf({ types, groups, devices, filter }: PlanDraft): Scope {
  return {
    ...(types.length > 0 ? { device_types: [...types] } : {}),
    ...(groups.length > 0 ? { groups: [...groups] } : {}),
    ...(devices.length > 0 ? { devices: [...devices] } : {}),
    ...(filter.trim() === '' ? {} : { filter: filter.trim() }),
  };
}

const isWhole = (value: Typed, least: number, most: number) =>
  typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
const isPercent = (value: Typed, least = 0) => isWhole(value, least, 100);
const isLeft = (value: Typed) => value === '';

/** What is missing or wrong in each step of the plan; null where all is well. */
export function mistakes(plan: PlanDraft): { image: string | null; stages: string | null; time: string | null } {
  const stages = plan.stages.findIndex(
    ({ size, unit, success, error }) =>
      !(unit === 'percent' ? isPercent(size, 1) : isWhole(size, 1, 1_000_000)) ||
      !(isLeft(success) || isPercent(success)) ||
      !(isLeft(error) || isPercent(error)),
  );
  const windows = plan.windows.findIndex(({ from, to }) => from === '' || to === '');
  return {
    image: plan.firmware === null ? 'Choose an image.' : plan.name.trim() === '' ? 'Give the rollout a name.' : null,
    stages:
      stages >= 0
        ? `Stage ${stages + 1} needs a whole number, and percents between 0 and 100.`
        : !isPercent(plan.success) || !isPercent(plan.error)
          ? 'The thresholds must be percents between 0 and 100.'
          : null,
    time:
      windows >= 0
        ? `Window ${windows + 1} needs a beginning and an end.`
        : !isLeft(plan.rate) && !isWhole(plan.rate, 0, 1_000_000)
          ? 'The rate must be a whole number.'
          : !isWhole(plan.attempts, 1, 10)
            ? 'A device is tried between one and ten times.'
            : null,
  };
}

/** What is sent. */
export function wishOf(plan: PlanDraft): NewRollout {
  const threshold = (value: Typed) => (typeof value === 'number' ? value : undefined);
  return {
    name: plan.name.trim(),
    firmware_id: plan.firmware!,
    ...(plan.organization === null ? {} : { organization_id: plan.organization }),
    scope: scopeOf(plan),
    stages: [
      ...plan.stages.map(({ size, unit, success, error }) => ({
        ...(unit === 'percent' ? { percent: Number(size) } : { count: Number(size) }),
        success_percent: threshold(success),
        error_percent: threshold(error),
      })),
      {},
    ],
    success_percent: Number(plan.success),
    error_percent: Number(plan.error),
    rollback: plan.rollback,
    approval: plan.approval,
    joins: plan.joins,
    ...(plan.start === '' ? {} : { start_at: new Date(plan.start).toISOString() }),
    windows: plan.windows.map(({ days, from, to, zone }) => ({ days: [...days], from, to, zone })),
    rate_per_minute: Number(plan.rate) || 0,
    max_attempts: Number(plan.attempts),
    timeout: plan.timeout,
  };
}

type Stages = readonly { readonly percent?: number | null; readonly count?: number | null }[];

/** How many devices each stage takes, as the platform divides them. */
export function shares(stages: Stages, devices: number): number[] {
  let left = devices;
  return stages.map(({ percent, count }, index) => {
    const wanted = percent ? Math.max(1, Math.floor((devices * percent) / 100)) : (count ?? left);
    const taken = index === stages.length - 1 ? left : Math.min(left, wanted);
    left -= taken;
    return taken;
  });
}

/** The size of a stage in words. */
export function sizeWords(stages: Stages, index: number): string {
  const { percent, count } = stages[index]!;
  if (index === stages.length - 1) return index === 0 ? 'all devices' : 'all that are left';
  if (percent) return `${percent} % of all`;
  return count === 1 ? '1 device' : `${count} devices`;
}

const DAY_WORDS: Record<Day, string> = {
  mon: 'Monday',
  tue: 'Tuesday',
  wed: 'Wednesday',
  thu: 'Thursday',
  fri: 'Friday',
  sat: 'Saturday',
  sun: 'Sunday',
};
export const dayWord = (day: Day) => DAY_WORDS[day];

/** `Saturday, Sunday 22:00–04:00 Europe/Berlin` */
export function windowWords({ days, from, to, zone }: NonNullable<Rollout['windows']>[number]): string {
  const its = days ?? [];
  const when = its.length === 0 || its.length === DAYS.length ? 'every day' : its.map(dayWord).join(', ');
  return `${when} ${from}–${to}${to > from ? '' : ' of the next day'} ${zone ?? 'UTC'}`;
}

/** The devices that are meant, in words. */
export function scopeWords(scope: Scope | null | undefined, groupName: (group: string) => string): string {
  const parts = [];
  if (scope?.device_types?.length) parts.push(`of the types ${scope.device_types.join(', ')}`);
  if (scope?.groups?.length) parts.push(`in the groups ${scope.groups.map(groupName).join(', ')}`);
  if (scope?.devices?.length) parts.push(`named ${scope.devices.join(', ')}`);
  if (scope?.filter) parts.push(`with ${scope.filter}`);
  return parts.length === 0 ? 'all devices that it is made for' : `devices ${parts.join(', and ')}`;
}
