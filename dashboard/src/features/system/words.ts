import { formatBytes, formatCount, formatDuration, formatNumber, formatValue } from '@/ui/format';

/** A field of a health report as a person reads it: `lag_ms: 1500` becomes `lag` and `1 s`. */
export function fieldWords(name: string, value: unknown): [string, string] {
  const unit = /_(ms|millis|seconds|bytes)$/.exec(name)?.[1];
  const label = (unit ? name.slice(0, -unit.length - 1) : name).replaceAll('_', ' ');
  if (typeof value !== 'number') return [label, formatValue(value)];
  switch (unit) {
    case 'ms':
    case 'millis':
      return [label, value < 10 && !Number.isInteger(value) ? `${formatNumber(value)} ms` : formatDuration(value)];
    case 'seconds':
      return [label, formatDuration(value * 1000)];
    case 'bytes':
      return [label, formatBytes(value)];
    default:
      if (/(^|_)(port|pid|id)$/.test(name)) return [label, String(value)];
      return [label, Number.isInteger(value) ? formatCount(value) : formatNumber(value)];
  }
}

/** What a part is called: `telemetry_store` becomes `Telemetry store`, `mqtt` becomes `MQTT`. */
export function partWords(name: string): string {
  const words = name.split('_').map((word) => (/^(mqtt|http|tls|jvm|coap|api)$/.test(word) ? word.toUpperCase() : word));
  return words.join(' ').replace(/^./, (first) => first.toUpperCase());
}

/** How bad a component's own word for its state is. */
export function toneOf(status: string): 'good' | 'warn' | 'bad' {
  const word = status.toLowerCase();
  if (['healthy', 'up', 'ok', 'running', 'success'].includes(word)) return 'good';
  return ['degraded', 'warning', 'lagging', 'starting', 'disabled', 'unknown'].includes(word) ? 'warn' : 'bad';
}

/** The fields of a component in one level: nested ones take both names. */
export function flatFields(component: Record<string, unknown>, prefix = ''): [string, unknown][] {
  return Object.entries(component).flatMap(([name, value]): [string, unknown][] => {
    if (prefix === '' && name === 'status') return [];
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return flatFields(value as Record<string, unknown>, `${prefix}${name}_`);
    }
    return [[prefix + name, value]];
  });
}
