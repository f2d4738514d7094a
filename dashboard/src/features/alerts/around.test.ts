import { expect, test } from 'vitest';
import { around } from './around';

const T0 = Date.parse('2026-03-01T12:00:00Z');
const at = (minutes: number) => new Date(T0 + minutes * 60_000).toISOString();
const minutes = (began: number, ended: number | null, now: number) => {
  const { span, marked } = around(
    { began_at: at(began), cleared_at: ended === null ? null : at(ended), resolved_at: null },
    T0 + now * 60_000,
  );
  return [span.from, span.to, marked.from, marked.to].map((time) => (time - T0) / 60_000);
};

test('one that is over is shown with time before and after', () => {
  expect(minutes(0, 60, 1000)).toEqual([-30, 90, 0, 60]);
  expect(minutes(0, 2, 1000)).toEqual([-10, 12, 0, 2]);
});

test('one that goes on is shown until now', () => {
  expect(minutes(0, null, 40)).toEqual([-20, 40, 0, 40]);
});

test('of a long one the beginning is shown', () => {
  expect(minutes(0, null, 6000)).toEqual([-180, 360, 0, 6000]);
});

test('a clock that runs ahead of ours leaves something to draw', () => {
  expect(minutes(0, null, -5)).toEqual([-10, 1, 0, 0]);
});
