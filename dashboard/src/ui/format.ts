/** Numbers read the same for everybody, with a decimal point as in the data; times follow the reader's own habits. */
/** A measured value, short enough for a tile and exact enough to read. */
export function formatNumber(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e9 || size < 1e-4)) return value.toExponential(3);
  const digits = size >= 1000 ? 1 : size >= 100 ? 2 : 3;
  return value.toLocaleString('en', { maximumFractionDigits: digits });
}

export function formatValue(value: unknown): string {
  if (typeof value === 'number') return formatNumber(value);
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (value === null || value === undefined) return '–';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A count such as 12 345 678. */
export const formatCount = (value: number) => Math.round(value).toLocaleString('en');

/** A rate: small ones with a digit after the point, large ones with K and M. */
export function formatRate(perSecond: number): string {
  if (perSecond >= 10_000) {
    return perSecond.toLocaleString('en', { notation: 'compact', maximumFractionDigits: 1 });
  }
  return perSecond.toLocaleString('en', { maximumFractionDigits: perSecond < 100 ? 1 : 0 });
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let size = bytes;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${size.toLocaleString('en', { maximumFractionDigits: size < 10 && unit > 0 ? 1 : 0 })} ${units[unit]}`;
}

/** A length of time in its two largest units: `3 d 4 h`, `12 s`, `140 ms`. */
export function formatDuration(millis: number): string {
  if (millis < 1_000) return `${Math.max(0, Math.round(millis))} ms`;
  const seconds = Math.floor(millis / 1000);
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([amount]) => amount > 0);
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(' ');
}

/** How long ago, coarsely; a clock that runs ahead of ours is `now`. */
export function formatAgo(at: number, now: number): string {
  const seconds = Math.floor((now - at) / 1000);
  if (seconds < 5) return 'now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

const EXACT = {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
} as const;
const LOCAL = new Intl.DateTimeFormat(undefined, { ...EXACT, timeZoneName: 'short' });
const BARE = new Intl.DateTimeFormat(undefined, EXACT);

/** In the reader's own zone, which is named. */
export const formatLocal = (at: number) => LOCAL.format(at);

/** From and to in the reader's own zone, which is named once. */
export function formatSpan(from: number, to: number): string {
  const zone = LOCAL.formatToParts(to).find((part) => part.type === 'timeZoneName');
  return `${BARE.formatRange(from, to)} ${zone?.value ?? ''}`;
}

/** The reader's own zone, such as `Asia/Kathmandu`. */
export const localZone = () => LOCAL.resolvedOptions().timeZone;

/** Exact and the same everywhere. */
export const formatUtc = (at: number) => new Date(at).toISOString().replace('T', ' ').replace('Z', ' UTC');
