import { formatNumber } from '@/ui/format';
import type { Sensor } from './api';

/** `× 1.02 − 0.4`, or that nothing is changed. */
export function calibrationWords({ multiplier, offset }: Pick<Sensor, 'multiplier' | 'offset'>): string {
  const words = [];
  if (multiplier !== 1) words.push(`× ${formatNumber(multiplier)}`);
  if (offset !== 0) words.push(`${offset < 0 ? '−' : '+'} ${formatNumber(Math.abs(offset))}`);
  return words.join(' ') || 'as it comes';
}

export function validWords({ valid_min: min, valid_max: max }: Pick<Sensor, 'valid_min' | 'valid_max'>): string {
  if (min !== null && max !== null) return `${formatNumber(min)} to ${formatNumber(max)}`;
  if (min !== null) return `from ${formatNumber(min)}`;
  return max !== null ? `up to ${formatNumber(max)}` : '–';
}
