/** A span of time to look at: the last so many milliseconds up to now, or a fixed part of the past. */
export type Range =
  | { readonly kind: 'last'; readonly preset: Preset }
  | { readonly kind: 'fixed'; readonly from: number; readonly to: number };

export const PRESETS = ['15m', '1h', '6h', '24h', '7d'] as const;
export type Preset = (typeof PRESETS)[number];

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const SPANS: Record<Preset, number> = { '15m': 15 * MINUTE, '1h': HOUR, '6h': 6 * HOUR, '24h': DAY, '7d': 7 * DAY };

export const PRESET_WORDS: Record<Preset, string> = {
  '15m': 'last 15 minutes',
  '1h': 'last hour',
  '6h': 'last 6 hours',
  '24h': 'last 24 hours',
  '7d': 'last 7 days',
};

/** The most points that a chart asks the platform for, per metric. */
export const MOST_POINTS = 1_000;

/** Windows that people can name, each with the platform's word for it. */
const WINDOWS: readonly (readonly [string, number])[] = [
  ['1s', SECOND],
  ['2s', 2 * SECOND],
  ['5s', 5 * SECOND],
  ['10s', 10 * SECOND],
  ['30s', 30 * SECOND],
  ['1m', MINUTE],
  ['2m', 2 * MINUTE],
  ['5m', 5 * MINUTE],
  ['10m', 10 * MINUTE],
  ['15m', 15 * MINUTE],
  ['30m', 30 * MINUTE],
  ['1h', HOUR],
  ['3h', 3 * HOUR],
  ['6h', 6 * HOUR],
  ['12h', 12 * HOUR],
  ['1d', DAY],
  ['7d', 7 * DAY],
];

export interface Window {
  readonly word: string;
  readonly millis: number;
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

export function spanOf(range: Range, now: number): Span {
  return range.kind === 'fixed' ? range : { from: now - SPANS[range.preset], to: now };
}

/** The finest window with which the span stays within the most points. */
export function windowFor(span: Span): Window {
  const length = span.to - span.from;
  const fitting = WINDOWS.find(([, millis]) => length / millis <= MOST_POINTS);
  if (fitting) return { word: fitting[0], millis: fitting[1] };
  const days = Math.ceil(length / DAY / MOST_POINTS);
  return { word: `${days}d`, millis: days * DAY };
}

/** A fixed range of two moments in either order, at least a second long. */
export function fixedRange(a: number, b: number): Range {
  const from = Math.floor(Math.min(a, b));
  return { kind: 'fixed', from, to: Math.max(Math.ceil(Math.max(a, b)), from + SECOND) };
}

/** How a range stands in the address, so that a view can be sent to somebody. */
export function rangeToWord(range: Range): string {
  return range.kind === 'last' ? range.preset : `${range.from}-${range.to}`;
}

export function rangeFromWord(word: string | null): Range {
  const preset = PRESETS.find((known) => known === word);
  if (preset) return { kind: 'last', preset };
  const fixed = /^(\d{1,16})-(\d{1,16})$/.exec(word ?? '');
  return fixed ? fixedRange(Number(fixed[1]), Number(fixed[2])) : { kind: 'last', preset: '15m' };
}
