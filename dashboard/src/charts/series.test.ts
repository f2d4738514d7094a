import { expect, test } from 'vitest';
import { decimated, EMPTY, extended, type Series, withGaps } from './series';

const flat = (times: number[], value = 1): Series => ({
  times,
  avg: times.map(() => value),
  min: times.map(() => value),
  max: times.map(() => value),
});

test('live samples of one window become one point with their mean, lowest and highest', () => {
  const counts = new Map<number, number>();
  let series = extended(
    EMPTY,
    [
      { at: 10_100, value: 1 },
      { at: 10_900, value: 5 },
    ],
    1_000,
    0,
    counts,
  );
  series = extended(
    series,
    [
      { at: 10_950, value: 3 },
      { at: 11_000, value: 9 },
    ],
    1_000,
    0,
    counts,
  );
  expect(series).toEqual({ times: [10, 11], avg: [3, 9], min: [1, 9], max: [5, 9] });
});

test('a late sample goes where it was measured', () => {
  const series = extended(flat([10, 12]), [{ at: 11_000, value: 7 }], 1_000, 0, new Map());
  expect(series.times).toEqual([10, 11, 12]);
  expect(series.avg).toEqual([1, 7, 1]);
});

test('what has left the range goes, and its counts with it', () => {
  const counts = new Map([[1, 3]]);
  const series = extended(
    flat([1, 2, 3]),
    [
      { at: 500, value: 4 },
      { at: 4_000, value: NaN },
    ],
    1_000,
    2_500,
    counts,
  );
  expect(series.times).toEqual([2, 3]);
  expect(counts.size).toBe(0);
});

test('a million points become a screenful quickly and keep their spikes', () => {
  const times = Array.from({ length: 1_000_000 }, (_, i) => i);
  const avg = times.map((i) => Math.sin(i / 50_000));
  const max = avg.slice();
  max[777_777] = 99;
  const started = performance.now();
  const fewer = decimated({ times, avg, min: avg, max }, 1_500);
  expect(performance.now() - started).toBeLessThan(1_000);
  expect(fewer.times.length).toBeLessThanOrEqual(1_500);
  expect(Math.max(...fewer.max)).toBe(99);
  expect(fewer.times[0]).toBe(0);
});

test('few points are left as they are, and equal times do no harm', () => {
  const few = flat([1, 2, 3]);
  expect(decimated(few, 10)).toBe(few);
  expect(decimated(flat([5, 5, 5, 5]), 2).times).toEqual([5]);
});

test('silence is a hole and not a line', () => {
  const columns = withGaps(flat([0, 10, 20, 100, 110]), 1_000);
  expect(columns[0]).toEqual([0, 10, 20, 60, 100, 110]);
  expect(columns[1]).toEqual([1, 1, 1, null, 1, 1]);
});
