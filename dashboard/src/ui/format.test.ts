import { expect, test } from 'vitest';
import {
  formatAgo,
  formatBytes,
  formatDuration,
  formatLocal,
  formatNumber,
  formatSpan,
  formatUtc,
  formatValue,
} from './format';

test.each([
  [0, '0'],
  [23.456789, '23.457'],
  [123.456789, '123.46'],
  [1234.5678, '1,234.6'],
  [-0.00001234, '-1.234e-5'],
  [5e12, '5.000e+12'],
])('%d reads %s', (value, expected) => expect(formatNumber(value)).toBe(expected));

test('values of other types read as themselves', () => {
  expect(formatValue(true)).toBe('true');
  expect(formatValue('locked')).toBe('locked');
  expect(formatValue(null)).toBe('–');
  expect(formatValue([1, 2])).toBe('[1,2]');
});

test.each([
  [140, '140 ms'],
  [12_000, '12 s'],
  [63_000, '1 min 3 s'],
  [3_600_000, '1 h'],
  [273_600_000, '3 d 4 h'],
])('%d ms last %s', (millis, expected) => expect(formatDuration(millis)).toBe(expected));

test('how long ago is never in the future', () => {
  expect(formatAgo(10_000, 0)).toBe('now');
  expect(formatAgo(0, 42_000)).toBe('42 s ago');
  expect(formatAgo(0, 7_200_000)).toBe('2 h ago');
});

test('a time says in which zone it is', () => {
  const zone = new Intl.DateTimeFormat(undefined, { timeZoneName: 'short' })
    .formatToParts(0)
    .find((part) => part.type === 'timeZoneName')!.value;
  expect(formatLocal(0)).toContain(zone);
  expect(formatSpan(0, 60_000).split(zone)).toHaveLength(2);
});

test('bytes and UTC', () => {
  expect(formatBytes(1536)).toBe('1.5 KiB');
  expect(formatUtc(0)).toBe('1970-01-01 00:00:00.000 UTC');
});
