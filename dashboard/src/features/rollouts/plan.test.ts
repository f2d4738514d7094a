import { expect, test } from 'vitest';
import { FRESH, FRESH_STAGE, mistakes, scopeOf, scopeWords, shares, sizeWords, windowWords, wishOf } from './plan';

const plan = { ...FRESH, name: ' North ', firmware: 3 };

test('a plan says only what somebody has said', () => {
  expect(wishOf({ ...plan, stages: [] })).toMatchObject({
    name: 'North',
    firmware_id: 3,
    scope: {},
    stages: [{}],
    windows: [],
    rate_per_minute: 0,
    max_attempts: 3,
    timeout: '1h',
  });
  expect('start_at' in wishOf(plan)).toBe(false);
  expect('organization_id' in wishOf(plan)).toBe(false);
});

test('stages, thresholds and windows are sent as they were planned', () => {
  const wish = wishOf({
    ...plan,
    types: ['probe'],
    groups: ['4'],
    filter: ' metadata.site === "north" ',
    stages: [
      { ...FRESH_STAGE, size: 10, unit: 'devices' },
      { ...FRESH_STAGE, size: 20, unit: 'percent', error: 2 },
    ],
    start: '2026-01-10T20:00',
    windows: [{ days: ['sat'], from: '22:00', to: '04:00', zone: 'Europe/Berlin' }],
    rate: 100,
  });
  expect(wish.scope).toEqual({ device_types: ['probe'], groups: ['4'], filter: 'metadata.site === "north"' });
  expect(wish.stages).toEqual([
    { count: 10, success_percent: undefined, error_percent: undefined },
    { percent: 20, success_percent: undefined, error_percent: 2 },
    {},
  ]);
  expect(wish.start_at).toBe(new Date('2026-01-10T20:00').toISOString());
  expect(wish.windows).toEqual([{ days: ['sat'], from: '22:00', to: '04:00', zone: 'Europe/Berlin' }]);
  expect(wish.rate_per_minute).toBe(100);
});

test('each step says what it lacks', () => {
  expect(mistakes(plan)).toEqual({ image: null, stages: null, time: null });
  expect(mistakes({ ...plan, firmware: null }).image).toBe('Choose an image.');
  expect(mistakes({ ...plan, name: ' ' }).image).toContain('name');
  expect(mistakes({ ...plan, stages: [FRESH_STAGE, { ...FRESH_STAGE, size: 101 }] }).stages).toContain('Stage 2');
  expect(mistakes({ ...plan, stages: [{ ...FRESH_STAGE, size: 101, unit: 'devices' }] }).stages).toBeNull();
  expect(mistakes({ ...plan, stages: [{ ...FRESH_STAGE, error: 1.5 }] }).stages).toContain('Stage 1');
  expect(mistakes({ ...plan, success: '' }).stages).toContain('thresholds');
  expect(mistakes({ ...plan, windows: [{ days: [], from: '', to: '04:00', zone: 'UTC' }] }).time).toContain('Window 1');
  expect(mistakes({ ...plan, attempts: 11 }).time).toContain('between one and ten');
});

test('devices are divided as the platform does it', () => {
  expect(shares([{ count: 2 }, { percent: 30 }, {}], 10)).toEqual([2, 3, 5]);
  expect(shares([{ percent: 1 }, {}], 10)).toEqual([1, 9]);
  expect(shares([{ count: 20 }, { percent: 50 }, {}], 10)).toEqual([10, 0, 0]);
  expect(shares([{}], 7)).toEqual([7]);
});

test('a plan in words', () => {
  expect(sizeWords([{}], 0)).toBe('all devices');
  expect(sizeWords([{ percent: 5 }, { count: 1 }, {}], 0)).toBe('5 % of all');
  expect(sizeWords([{ percent: 5 }, { count: 1 }, {}], 1)).toBe('1 device');
  expect(sizeWords([{ percent: 5 }, { count: 1 }, {}], 2)).toBe('all that are left');
  expect(windowWords({ days: ['sat', 'sun'], from: '22:00', to: '04:00', zone: 'Europe/Berlin' })).toBe(
    'Saturday, Sunday 22:00–04:00 of the next day Europe/Berlin',
  );
  expect(windowWords({ days: [], from: '01:00', to: '04:00', zone: null })).toBe('every day 01:00–04:00 UTC');
  expect(scopeWords(scopeOf({ ...plan, types: ['a', 'b'], groups: ['4'] }), () => 'Hall 3')).toBe(
    'devices of the types a, b, and in the groups Hall 3',
  );
  expect(scopeWords({}, String)).toBe('all devices that it is made for');
});
