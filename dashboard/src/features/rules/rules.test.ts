import { expect, test } from 'vitest';
import { Problem } from '@/api/problem';
import type { Replay } from './api';
import { bandsOf, listed, outcomeWords } from './bands';
import { KINDS, kindOf, metricsOf, turnedInto } from './conditions';
import { linesBetween } from './diff';
import { editable, sameDocument, valueAt, withValue } from './document';
import { refusalsOf } from './draft';
import { conditionWords, messagePreview, scopeWords } from './words';

test('a value is read and put at its path, and everything else stays', () => {
  const rule = { name: 'Hot', condition: { type: 'all', of: [{ metric: 'a' }, { metric: 'b', threshold: 3 }] } };
  expect(valueAt(rule, 'condition.of[1].metric')).toBe('b');
  expect(valueAt(rule, 'condition.of[7].metric')).toBeUndefined();
  const changed = withValue(rule, 'condition.of[1].metric', 'c');
  expect(changed).toEqual({
    name: 'Hot',
    condition: { type: 'all', of: [{ metric: 'a' }, { metric: 'c', threshold: 3 }] },
  });
  expect(rule.condition.of[1]!.metric).toBe('b');
  expect(Object.keys(withValue(rule, 'name', 'Cold'))).toEqual(['name', 'condition']);
});

test('undefined takes away a field, or an element of a list', () => {
  const rule = { window: '1d', condition: { of: ['a', 'b', 'c'] } };
  expect(withValue(rule, 'window', undefined)).toEqual({ condition: { of: ['a', 'b', 'c'] } });
  expect(withValue(rule, 'condition.of[1]', undefined)).toEqual({ window: '1d', condition: { of: ['a', 'c'] } });
  expect(withValue({}, 'actions[0]', { type: 'notify' })).toEqual({ actions: [{ type: 'notify' }] });
});

test('what the platform writes itself is not edited, and the order of fields means nothing', () => {
  expect(editable({ id: 3, version: 2, name: 'Hot', window: null })).toEqual({ name: 'Hot' });
  expect(sameDocument({ a: 1, b: [{ c: 2, d: 3 }] }, { b: [{ d: 3, c: 2 }], a: 1 })).toBe(true);
  expect(sameDocument({ a: [1, 2] }, { a: [2, 1] })).toBe(false);
});

test('a condition becomes one of another kind and keeps what both have', () => {
  const high = { type: 'threshold_high', metric: 'temperature', threshold: 30, clear: 28, hold: '5m' };
  const kind = (type: string) => KINDS.find((each) => each.type === type)!;
  expect(turnedInto(high, kind('threshold_low'))).toEqual({ ...high, type: 'threshold_low' });
  expect(turnedInto(high, kind('rate'))).toEqual({
    type: 'rate',
    metric: 'temperature',
    above: 1,
    per: '1m',
    hold: '5m',
  });
  expect(turnedInto('a > 3', kind('expression'))).toEqual({ type: 'expression', expression: 'a > 3' });
  expect(turnedInto({ type: 'all', of: [high] }, kind('not')).of).not.toBeInstanceOf(Array);
  expect(kindOf('a > 3')?.type).toBe('expression');
  expect(kindOf({ type: 'of the future' })).toBeUndefined();
});

test('the metrics that a condition speaks of are found, also in expressions', () => {
  expect(
    metricsOf({ type: 'all', of: [{ type: 'rate', metric: 'p' }, 'avg(temperature, "5m") > x'] }, ['temperature']),
  ).toEqual(['p', 'temperature']);
});

test('scopes and conditions are said in words', () => {
  expect(scopeWords(undefined)).toBe('all devices');
  expect(scopeWords({ device_types: ['a', 'b', 'c'], filter: "metadata.site == 'A'" })).toBe(
    "of type a, b or 1 more, where metadata.site == 'A'",
  );
  expect(conditionWords({ type: 'threshold_high', metric: 't', threshold: 30, hold: '5m' })).toBe('t above 30 for 5m');
  expect(conditionWords({ type: 'not', of: 'a > 3' })).toBe('not a > 3');
  expect(conditionWords({ type: 'sequence', first: 'a', then: 'b', absent: true })).toBe('a, then not b');
});

test('a message is previewed as far as it is known', () => {
  expect(
    messagePreview('${device.name} has ${ current } of ${max(x, "1h")}', { 'device.name': 'g', current: '3' }),
  ).toBe('g has 3 of ${max(x, "1h")}');
});

test('a refusal belongs to its field, also when a trial was refused', () => {
  const problem = new Problem({
    status: 422,
    title: 'Not accepted',
    errors: [{ field: 'rule.condition.for', detail: 'is missing' }],
  });
  expect(refusalsOf(problem)).toEqual([{ field: 'condition.for', detail: 'is missing' }]);
  expect(refusalsOf(new Error('gone'))).toEqual([]);
});

const alert = (began: string, ended: string | null, message = 'hot') => ({
  device_id: 7,
  device_name: 'g',
  key: '',
  began_at: `2026-01-01T${began}:00Z`,
  ended_at: ended && `2026-01-01T${ended}:00Z`,
  message,
});
const replay = (rest: Partial<Replay>): Replay => ({
  id: 1,
  rule_id: null,
  state: 'done',
  devices_done: 1,
  devices: 1,
  points: 10,
  seconds: 0.1,
  failure: null,
  would: { begun: 1, alerts: [alert('10:00', '11:00')] },
  in_force: null,
  difference: null,
  ...rest,
});

test('a band tells whether both rules raise the alert or one of them', () => {
  const end = Date.parse('2026-01-01T20:00:00Z');
  expect(bandsOf(replay({}), end)).toMatchObject([
    { side: 'would', verdict: 'would', to: Date.parse('2026-01-01T11:00:00Z') },
  ]);
  const [shared, mine, theirs] = [alert('10:00', '11:00'), alert('12:00', null), alert('08:00', '09:00')];
  const compared = replay({
    would: { begun: 2, alerts: [mine, shared] },
    in_force: { begun: 2, alerts: [theirs, shared] },
    difference: { only_would: [mine], only_in_force: [theirs] },
  });
  const bands = bandsOf(compared, end);
  expect(bands.map(({ side, verdict }) => `${side} ${verdict}`)).toEqual([
    'would both',
    'would only_would',
    'in_force only_in_force',
    'in_force both',
  ]);
  expect(bands[1]!.to).toBe(end);
  expect(listed(bands).map(({ verdict }) => verdict)).toEqual(['only_in_force', 'both', 'only_would']);
  expect(outcomeWords(compared)).toBe(
    '2 alerts would have begun, 2 alerts with the rule in force; 1 only by this draft, 1 only by the rule in force',
  );
});

test('two versions are compared line by line', () => {
  expect(linesBetween('a\nb\nc', 'a\nx\nc\nd').map(({ kind, text }) => `${kind} ${text}`)).toEqual([
    'same a',
    'removed b',
    'added x',
    'same c',
    'added d',
  ]);
});
