import type { Schemas } from '@/api/client';
import { formatBytes, formatCount, formatDuration, formatNumber, formatValue } from '@/ui/format';

/** A field of a health report as a person reads it: `lag_ms: 1500` becomes `lag` and `1 s`. */
export function fieldWords(name: string, value: unknown): [string, string] {
  const unit = /_(us|ms|millis|seconds|bytes)$/.exec(name)?.[1];
  const label = (unit ? name.slice(0, -unit.length - 1) : name).replaceAll('_', ' ');
  if (typeof value !== 'number') return [label, formatValue(value)];
  switch (unit) {
    case 'us':
      return [label, millisWords(value / 1000)];
    case 'ms':
    case 'millis':
      return [label, millisWords(value)];
    case 'seconds':
      return [label, formatDuration(value * 1000)];
    case 'bytes':
      return [label, formatBytes(value)];
    default:
      if (/(^|_)(port|pid|id)$/.test(name)) return [label, String(value)];
      return [label, Number.isInteger(value) ? formatCount(value) : formatNumber(value)];
  }
}

function millisWords(millis: number): string {
  return millis < 10 && !Number.isInteger(millis) ? `${formatNumber(millis)} ms` : formatDuration(millis);
}

/** What a part is called: `telemetry_store` becomes `Telemetry store`, `mqtt` becomes `MQTT`. */
export function partWords(name: string): string {
  const words = name
    .split('_')
    .map((word) => (/^(mqtt|http|tls|jvm|coap|api)$/.test(word) ? word.toUpperCase() : word));
  return words.join(' ').replace(/^./, (first) => first.toUpperCase());
}

/** How bad a state is. */
export function toneOf(status: Schemas['HealthStatus']): 'good' | 'warn' | 'bad' {
  return status === 'healthy' ? 'good' : status === 'degraded' ? 'warn' : 'bad';
}
