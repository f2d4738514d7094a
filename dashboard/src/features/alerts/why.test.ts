import { expect, test } from 'vitest';
import { reasonsOf } from './why';

const said = (condition: object) =>
  reasonsOf({ condition }).conditions.map(
    ({ depth, words, code, detail }) => '  '.repeat(depth) + [words, code, detail].filter(Boolean).join(' | '),
  );
const HOT = { type: 'threshold_high', metric: 'temperature', value: 31.5, threshold: 30, at: '2026-03-01T12:00:00Z' };

test('a threshold says what was measured and against what', () => {
  expect(said(HOT)).toEqual(['temperature was 31.5, above 30']);
  expect(said({ ...HOT, clear: 28, hold_seconds: 300 })).toEqual([
    'temperature was 31.5, above 30 | over when it is back at 28; for 5 min or longer',
  ]);
  expect(said({ ...HOT, type: 'threshold_low', value: 1, threshold: 2 })).toEqual(['temperature was 1, below 2']);
});

test('what is composed lies below what composes it', () => {
  const expression = { type: 'expression', expression: 'humidity > 80' };
  expect(said({ type: 'all', of: [HOT, { type: 'not', of: expression }] })).toEqual([
    'All of these held:',
    '  temperature was 31.5, above 30',
    '  This did not hold:',
    '    This was true: | humidity > 80',
  ]);
  expect(said({ type: 'count', at_least: 3, counted: 4, within_seconds: 600, of: expression })[0]).toBe(
    'This happened 4 times within 10 min: | at least 3 were needed',
  );
  expect(said({ type: 'sequence', within_seconds: 60, absent: true, first: HOT, then: expression })).toHaveLength(3);
});

test('each further kind has a sentence of its own', () => {
  expect(said({ type: 'rate', metric: 'level', value: 7, change: -2.5, per_seconds: 60 })).toEqual([
    'level changed by -2.5 in 1 min | to 7',
  ]);
  expect(
    said({ type: 'statistical', metric: 'rpm', value: 9, sigma: 3, mean_before: 5, std_before: 1, count_before: 80 }),
  ).toEqual(['rpm was 9, 3 σ or more from what is usual | 5 ± 1, of 80 before']);
  expect(
    said({ type: 'time_window', from: '22:00', to: '06:00', zone: 'Europe/Berlin', days: ['mon', 'tue'] }),
  ).toEqual(['It was between 22:00 and 06:00, Europe/Berlin | mon, tue']);
  expect(said({ type: 'clock_skew', beyond_seconds: 300, ahead_seconds: -600 })).toEqual([
    'The device’s clock was 10 min behind | more than 5 min is too much',
  ]);
  expect(said({ type: 'absence', for_seconds: 900, last_heard: 'nonsense' })).toEqual([
    'Nothing was heard of the device for 15 min | last never',
  ]);
});

test('an unknown kind is shown as it is', () => {
  expect(said({ type: 'phase_of_moon', phase: 'full' })).toEqual(['phase of moon | {"phase":"full"}']);
});

test('the first metric that was looked at is drawn, with its threshold', () => {
  expect(reasonsOf({ condition: { type: 'any', of: [{ type: 'expression', expression: 'x' }, HOT] } })).toMatchObject({
    metric: 'temperature',
    level: 30,
  });
  const values = { open: { value: true }, humidity: { value: 80, at: '2026-03-01T12:00:00Z' } };
  expect(reasonsOf({ condition: { type: 'expression', expression: 'open' }, values }).metric).toBe('humidity');
  expect(reasonsOf({}).metric).toBeNull();
});

test('what is said beside that is not lost', () => {
  expect(reasonsOf({ temperature: 31.5, threshold: 30 }).others).toEqual([
    ['temperature', '31.5'],
    ['threshold', '30'],
  ]);
});
