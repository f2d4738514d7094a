import { expect, test } from 'vitest';
import { segments, shares } from './states';

const samples = [
  { at: 0, state: 'closed' },
  { at: 10, state: 'closed' },
  { at: 20, state: 'open' },
  { at: 30, state: 'closed' },
];

test('equal values in a row are one segment, and the last holds until now', () => {
  expect(segments(samples, 100)).toEqual([
    { state: 'closed', from: 0, to: 20 },
    { state: 'open', from: 20, to: 30 },
    { state: 'closed', from: 30, to: 100 },
  ]);
  expect(segments([], 100)).toEqual([]);
});

test('shares say how long each state lasted', () => {
  expect(shares(segments(samples, 100))).toEqual([
    { state: 'closed', share: 0.9 },
    { state: 'open', share: 0.1 },
  ]);
});
