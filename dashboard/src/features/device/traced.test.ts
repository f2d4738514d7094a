import { expect, test } from 'vitest';
import { type Entry, leftOut, passagesOf, payloadWords, readingsOf, coursesOf, verdictOf } from './traced';

const AT = '2026-01-01T00:00:05Z';
const message = (number: number, received_at: string, rest: Partial<Entry> = {}): Entry => ({
  number,
  kind: 'message',
  received_at,
  ...rest,
});
const rules = (
  number: number,
  received_at: string | null,
  rest: Omit<Partial<Entry>, 'rules'> & { readonly rules?: readonly object[] } = {},
) => ({ number, kind: 'rules', received_at, rules: [], ...rest }) as Entry;
const value = (metric: string, it: unknown, timestamp = AT) => ({ metric, timestamp, value: it });
const asked = { rule_id: 3, name: 'Too hot', mode: 'active', asked: true, held: false, holds: false };

test('what rules said stands with their message, and the newest comes first', () => {
  const later = '2026-01-01T00:00:06Z';
  const passages = passagesOf([
    message(1, AT),
    message(2, later),
    rules(3, AT, { rules: [asked] }),
    rules(4, null),
    rules(5, 'gone before'),
  ]);
  expect(passages.map(({ number, entries }) => [number, entries.map((entry) => entry.number)])).toEqual([
    [5, [5]],
    [4, [4]],
    [2, [2]],
    [1, [1, 3]],
  ]);
  expect(passages[3]!.rules).toEqual([asked]);
  expect(passages[1]!.message).toBeNull();
});

test('two messages of one moment each keep what is theirs', () => {
  const passages = passagesOf([message(1, AT), rules(2, AT), message(3, AT), rules(4, AT)]);
  expect(passages.map(({ entries }) => entries.map(({ number }) => number))).toEqual([
    [3, 4],
    [1, 2],
  ]);
});

test('what rules found because time has passed stands at the time of the finding', () => {
  const found = { ...asked, holds: true, findings: [{ event: 'begun', timestamp: AT }] };
  expect(passagesOf([rules(1, null, { rules: [found] })])[0]!.at).toBe(AT);
});

test('each step says what was there before it', () => {
  const step = (index: number, type: string, changed: Entry['decoded'], removed: string[] = []) => ({
    timestamp: AT,
    rule_id: 7,
    step: index,
    type,
    changed: changed!,
    removed,
  });
  const courses = coursesOf(
    [value('temperature', 68), value('lat', 1)],
    [
      step(0, 'convert', [value('temperature', 20)]),
      step(1, 'range', [{ ...value('temperature', 20), quality: 'suspect' }]),
      step(2, 'rename', [value('latitude', 1)], ['lat']),
      step(3, 'drop', [], ['temperature']),
    ],
  );
  expect(courses).toHaveLength(1);
  expect(courses[0]!.stages.map(({ step, type, changes }) => [step, type, changes])).toEqual([
    [1, 'convert', [{ metric: 'temperature', before: '68', after: '20', quality: undefined }]],
    [2, 'range', [{ metric: 'temperature', before: '20', after: '20', quality: 'suspect' }]],
    [
      3,
      'rename',
      [
        { metric: 'latitude', before: null, after: '1', quality: undefined },
        { metric: 'lat', before: '1', after: null },
      ],
    ],
    [4, 'drop', [{ metric: 'temperature', before: '20', after: null }]],
  ]);
});

test('records of one message do not mix', () => {
  const other = '2026-01-01T00:00:04Z';
  const decoded = [value('a', 1), value('a', 2, other), value('b', 3)];
  expect(readingsOf(decoded).map(({ at, values }) => [at, values.map((it) => `${it.metric} ${it.value}`)])).toEqual([
    [AT, ['a 1', 'b 3']],
    [other, ['a 2']],
  ]);
  const step = {
    timestamp: other,
    rule_id: 1,
    step: 0,
    type: 'calibrate',
    changed: [value('a', 20, other)],
    removed: [],
  };
  expect(coursesOf(decoded, [step])[0]!.stages[0]!.changes[0]).toMatchObject({ before: '2', after: '20' });
});

test('a rule says in words what it found, what it waits for and what it saw', () => {
  const why = {
    condition: { type: 'threshold_high', metric: 'temperature', value: 31.5, threshold: 30, hold_seconds: 300 },
    values: { humidity: { value: 40 }, never: { value: null } },
    windows: [{ metric: 'temperature', window: '1d', count: 12, avg: 21 }],
  };
  const began = verdictOf({ ...asked, holds: true, findings: [{ event: 'begun' }], why });
  expect(began).toMatchObject({ tone: 'began', words: 'holds now: an alert begins' });
  expect(began.waitsFor).toBe('temperature above 30 for 5 min');
  expect(began.saw).toEqual(['temperature = 31.5', 'humidity = 40', 'temperature over 1d: 21 on average of 12']);
  expect(verdictOf({ ...asked, held: true, holds: true, findings: [{ event: 'occurred' }] }).words).toBe(
    'still holds: the open alert has occurred again',
  );
  // Time has passed, so the rule has been asked before.
  expect(verdictOf({ ...asked, asked: false, held: true, holds: true, findings: [{ event: 'begun' }] }).words).toBe(
    'holds now: an alert begins',
  );
  expect(verdictOf({ ...asked, held: true, findings: [{ event: 'ended' }] }).words).toBe(
    'holds no longer: the alert is over',
  );
  expect(verdictOf(asked).words).toBe('does not hold');
  expect(verdictOf({ ...asked, mode: 'shadow' }).words).toBe('does not hold, in shadow mode');
  expect(verdictOf({ ...asked, pending_since: AT }).words).toMatch(/^is true, and has to stay so: since /);
  expect(verdictOf({ ...asked, asked: false })).toMatchObject({ tone: 'idle', waitsFor: null, saw: [] });
  expect(verdictOf({ ...asked, asked: false, held: true, holds: true })).toMatchObject({
    tone: 'idle',
    words: 'still holds',
  });
});

test('conditions are said in the words of rules, whatever they were explained by', () => {
  const said = (condition: object) => verdictOf({ ...asked, why: { condition } }).waitsFor;
  expect(said({ type: 'absence', for_seconds: 900 })).toBe('everything silent for 15 min');
  expect(said({ type: 'burst', of: 'message', at_least: 600, within_seconds: 60, counted: 1 })).toBe(
    '600 messages in 1 min',
  );
  expect(said({ type: 'rate', metric: 'level', change: 2, per_seconds: 60 })).toBe('level changes too fast');
  expect(said({ type: 'not', of: { type: 'geofence', event: 'enter', geofence: 'yard' } })).toBe('not inside of yard');
});

test('what must not be seen, and what was too long, is said to be so', () => {
  expect(payloadWords(message(1, AT, { payload: { bytes: 1, hex: 'ff' } }))).toBe('ff (1 byte)');
  expect(payloadWords(message(1, AT, { payload: { bytes: 9000, text: '{"a', is_cut: true } }))).toBe(
    '{"a… (9,000 bytes)',
  );
  expect(payloadWords(message(1, AT, { payload: { bytes: 20, is_hidden: true } }))).toMatch(/^20 bytes, hidden/);
  expect(readingsOf([{ metric: 'x', timestamp: AT, is_hidden: true }])[0]!.values[0]!.value).toBe('hidden');
  expect(leftOut({ ...message(1, AT), decoded_left_out: 3 } as Entry, 'decoded')).toBe(3);
});
