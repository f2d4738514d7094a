import { expect, test } from 'vitest';
import type { Schemas } from '@/api/client';
import { joinLatest, valuesOf } from './stream';
import { latestFrom, samplesFrom, seriesFrom } from './telemetry';

test('aggregated rows become columns, without windows in which nothing was measured', () => {
  const rows = [
    { timestamp: '2026-01-01T00:00:00Z', temperature: { avg: 2, min: 1, max: 3 } },
    { timestamp: '2026-01-01T00:00:01Z', temperature: null },
    { timestamp: '2026-01-01T00:00:02Z' },
    { timestamp: '2026-01-01T00:00:03Z', temperature: { avg: 4 } },
  ];
  const start = Date.UTC(2026, 0, 1) / 1000;
  expect(seriesFrom(rows as Schemas['AggregatedRow'][], 'temperature')).toEqual({
    times: [start, start + 3],
    avg: [2, 4],
    min: [1, 4],
    max: [3, 4],
  });
});

test('the time is no metric, and each metric has its own', () => {
  const latest = latestFrom({
    latest_data: { timestamp: '1970-01-01T00:00:02Z', open: true, mode: 'idle' },
    timestamps: { open: '1970-01-01T00:00:01Z' },
  });
  expect(latest).toEqual({ open: { value: true, at: 1000 }, mode: { value: 'idle', at: 2000 } });
});

test('a unit stays when live data bring another value', () => {
  const read = latestFrom({ latest_data: { timestamp: '1970-01-01T00:00:02Z', t: 1 }, units: { t: 'K' } });
  expect(read).toEqual({ t: { value: 1, at: 2000, unit: 'K' } });
  expect(joinLatest(read, { t: { value: 2, at: 3000 } })).toEqual({ t: { value: 2, at: 3000, unit: 'K' } });
});

test('late live data does not replace a newer value', () => {
  const read = { a: { value: 1, at: 1000 }, b: { value: 2, at: 1000 } };
  expect(joinLatest(read, { a: { value: 9, at: 500 }, b: { value: 3, at: 2000 }, c: { value: 4, at: 1 } })).toEqual({
    a: { value: 1, at: 1000 },
    b: { value: 3, at: 2000 },
    c: { value: 4, at: 1 },
  });
});

test('an event without values has none', () => {
  const event = { type: 'telemetry', device_id: 1, device_name: 'd', timestamp: 't' } as const;
  expect(valuesOf(event)).toEqual({});
  expect(valuesOf({ ...event, data: { a: 1 } })).toEqual({ a: 1 });
});

test('states are words, and rows without the metric are none', () => {
  const rows = [{ timestamp: '1970-01-01T00:00:01Z', open: true }, { timestamp: '1970-01-01T00:00:02Z' }];
  expect(samplesFrom(rows, 'open')).toEqual([{ at: 1000, state: 'true' }]);
});
