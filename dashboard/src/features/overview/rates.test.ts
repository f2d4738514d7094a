import { expect, test } from 'vitest';
import { rateBetween } from './rates';

const reading = (at: number, messages: number) => ({ at, counters: { messages } });

test('a rate is growth by time', () => {
  expect(rateBetween(reading(0, 100), reading(5_000, 600))).toEqual({ at: 5_000, perSecond: { messages: 100 } });
});

test('a restart is no rate, and neither is the same reading again', () => {
  expect(rateBetween(reading(0, 100), reading(5_000, 20))).toBeNull();
  expect(rateBetween(reading(5_000, 100), reading(5_000, 100))).toBeNull();
});
