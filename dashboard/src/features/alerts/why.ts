import type { AlertDetail } from './api';
import { formatDuration, formatLocal, formatNumber, formatValue } from '@/ui/format';

type Json = Readonly<Record<string, unknown>>;

/** One line of what a rule waited for; deeper ones belong to the line above. */
export interface ConditionLine {
  readonly depth: number;
  readonly words: string;
  /** An expression, as it was written. */
  readonly code?: string;
  readonly detail?: string;
}

export interface ReadValue {
  readonly metric: string;
  readonly value: string;
  readonly at: string | null;
}

export interface ReadWindow {
  readonly metric: string;
  readonly window: string;
  readonly count: number | null;
  readonly avg: string;
  readonly std: string;
  readonly min: string;
  readonly max: string;
}

/** Why an alert began, in parts that people can read. */
export interface Reasons {
  readonly conditions: readonly ConditionLine[];
  readonly values: readonly ReadValue[];
  readonly windows: readonly ReadWindow[];
  /** What else was said, as it was said. */
  readonly others: readonly (readonly [name: string, value: string])[];
  /** The rule spoke because time went by, not because something was measured. */
  readonly byTime: boolean;
  /** What to draw: the first metric that was looked at, and its threshold. */
  readonly metric: string | null;
  readonly level: number | undefined;
}

const TOLD = ['rule_version', 'at', 'by_time', 'condition', 'values', 'windows'];

export function reasonsOf(why: AlertDetail['why']): Reasons {
  const values = Object.entries(record(why.values)).map(([metric, read]) => ({
    metric,
    value: formatValue(record(read).value),
    at: text(record(read).at),
  }));
  const windows = list(why.windows).map(record);
  const measured = firstMetric(record(why.condition));
  return {
    conditions: linesOf(why.condition, 0),
    values,
    windows: windows.map((it) => ({
      metric: String(it.metric),
      window: String(it.window),
      count: typeof it.count === 'number' ? it.count : null,
      avg: formatValue(it.avg),
      std: formatValue(it.std),
      min: formatValue(it.min),
      max: formatValue(it.max),
    })),
    others: Object.entries(why)
      .filter(([name]) => !TOLD.includes(name))
      .map(([name, value]) => [name, formatValue(value)] as const),
    byTime: why.by_time === true,
    metric: measured?.metric ?? firstNumber(record(why.values)) ?? text(windows[0]?.metric),
    level: measured?.level,
  };
}

function linesOf(condition: unknown, depth: number): ConditionLine[] {
  const it = record(condition);
  if (typeof it.type !== 'string') return [];
  const line = (words: string, rest: Partial<ConditionLine> = {}): ConditionLine => {
    const detail = [rest.detail, heldWords(it)].filter(Boolean).join('; ');
    return { depth, words, ...rest, detail: detail || undefined };
  };
  const below = (part: unknown) => linesOf(part, depth + 1);
  switch (it.type) {
    case 'threshold_high':
    case 'threshold_low': {
      const side = it.type === 'threshold_high' ? 'above' : 'below';
      const detail = it.clear === undefined ? undefined : `over when it is back at ${formatValue(it.clear)}`;
      return [line(`${it.metric} was ${formatValue(it.value)}, ${side} ${formatValue(it.threshold)}`, { detail })];
    }
    case 'expression':
      return [line('This was true:', { code: String(it.expression) })];
    case 'all':
      return [line('All of these held:'), ...list(it.of).flatMap(below)];
    case 'any':
      return [line('One of these held:'), ...list(it.of).flatMap(below)];
    case 'not':
      return [line('This did not hold:'), ...below(it.of)];
    case 'count':
      return [
        line(`This happened ${formatValue(it.counted)} times within ${seconds(it.within_seconds)}:`, {
          detail: `at least ${formatValue(it.at_least)} were needed`,
        }),
        ...below(it.of),
      ];
    case 'sequence':
      return [
        line(
          `First this, and ${it.absent === true ? 'not the other' : 'then the other'} within ${seconds(it.within_seconds)}:`,
        ),
        ...below(it.first),
        ...below(it.then),
      ];
    case 'absence':
      return [
        line(`Nothing was heard of ${it.metric ?? 'the device'} for ${seconds(it.for_seconds)}`, {
          detail: `last ${moment(it.last_heard)}`,
        }),
      ];
    case 'rate':
      return [
        line(`${it.metric} changed by ${formatValue(it.change)} in ${seconds(it.per_seconds)}`, {
          detail: `to ${formatValue(it.value)}`,
        }),
      ];
    case 'statistical':
      return [
        line(`${it.metric} was ${formatValue(it.value)}, ${formatValue(it.sigma)} σ or more from what is usual`, {
          detail: `${formatValue(it.mean_before)} ± ${formatValue(it.std_before)}, of ${formatValue(it.count_before)} before`,
        }),
      ];
    case 'geofence':
      return [
        line(
          `The device ${it.event === 'leave' ? 'left' : 'entered'} ${it.geofence === undefined ? 'the area' : `the area ${formatValue(it.geofence)}`}`,
          {
            detail: `at ${formatValue(it.latitude)}, ${formatValue(it.longitude)}`,
          },
        ),
      ];
    case 'clock_skew': {
      const ahead = typeof it.ahead_seconds === 'number' ? it.ahead_seconds : 0;
      return [
        line(`The device’s clock was ${seconds(Math.abs(ahead))} ${ahead < 0 ? 'behind' : 'ahead'}`, {
          detail: `more than ${seconds(it.beyond_seconds)} is too much`,
        }),
      ];
    }
    case 'burst':
      return [
        line(`${formatValue(it.counted)} ${String(it.of).replaceAll('_', ' ')} within ${seconds(it.within_seconds)}`, {
          detail: `at least ${formatValue(it.at_least)} were needed`,
        }),
      ];
    case 'movement':
      return [
        line(`The device moved faster than ${formatValue(it.above_kmh)} km/h`, {
          detail: it.moved_m === undefined ? undefined : `by ${formatValue(it.moved_m)} m`,
        }),
      ];
    case 'metadata_check':
      return [line('The device’s metadata contain', { code: JSON.stringify(it.contains) })];
    case 'time_window':
      return [line(`It was between ${it.from} and ${it.to}, ${it.zone}`, { detail: list(it.days).join(', ') })];
    default:
      return [line(it.type.replaceAll('_', ' '), { code: JSON.stringify({ ...it, type: undefined }) })];
  }
}

/** How long a condition had to hold, and since when it has. */
function heldWords(it: Json): string | undefined {
  if (typeof it.hold_seconds !== 'number') return undefined;
  const since = text(it.since);
  return `for ${seconds(it.hold_seconds)} or longer${since ? `, since ${moment(since)}` : ''}`;
}

/** The first condition in reading order that looks at a metric of numbers. */
function firstMetric(it: Json): { metric: string; level: number | undefined } | null {
  if (typeof it.metric === 'string' && (it.value === undefined || typeof it.value === 'number')) {
    return { metric: it.metric, level: typeof it.threshold === 'number' ? it.threshold : undefined };
  }
  for (const part of [...(Array.isArray(it.of) ? it.of : [it.of]), it.first, it.then]) {
    const found = part && firstMetric(record(part));
    if (found) return found;
  }
  return null;
}

const firstNumber = (values: Json) =>
  Object.entries(values)
    .find(([, read]) => typeof record(read).value === 'number')?.[0]
    .replace(/^previous /, '') ?? null;

const record = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null);
const seconds = (value: unknown) =>
  typeof value === 'number' ? (value < 1 ? `${formatNumber(value)} s` : formatDuration(value * 1000)) : '–';
const moment = (value: unknown) => {
  const millis = typeof value === 'string' ? Date.parse(value) : NaN;
  return Number.isNaN(millis) ? 'never' : formatLocal(millis);
};
