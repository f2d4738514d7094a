import { expect, test } from 'vitest';
import { fixedRange, MOST_POINTS, PRESETS, rangeFromWord, rangeToWord, spanOf, windowFor } from './ranges';

const NOW = Date.UTC(2026, 0, 1);

test.each([
  ['15m', '1s'],
  ['1h', '5s'],
  ['6h', '30s'],
  ['24h', '2m'],
  ['7d', '15m'],
] as const)('%s is asked for in windows of %s', (preset, window) => {
  expect(windowFor(spanOf({ kind: 'last', preset }, NOW)).word).toBe(window);
});

test('no span whatever asks for more than the most points', () => {
  for (let length = 1_000; length < 1e14; length *= 1.7) {
    const span = { from: NOW - length, to: NOW };
    expect(length / windowFor(span).millis).toBeLessThanOrEqual(MOST_POINTS);
  }
});

test('a range survives the address bar', () => {
  for (const preset of PRESETS)
    expect(rangeFromWord(rangeToWord({ kind: 'last', preset }))).toEqual({ kind: 'last', preset });
  const fixed = fixedRange(NOW, NOW - 5_000);
  expect(fixed).toEqual({ kind: 'fixed', from: NOW - 5_000, to: NOW });
  expect(rangeFromWord(rangeToWord(fixed))).toEqual(fixed);
});

test.each([[null], [''], ['9y'], ['-1-2'], ['1-'], ['1e9-2e9']])(
  'a word that is no range (%s) is the last 15 minutes',
  (word) => {
    expect(rangeFromWord(word)).toEqual({ kind: 'last', preset: '15m' });
  },
);
