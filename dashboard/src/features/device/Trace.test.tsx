import { fireEvent, screen, within } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import { signIn } from '@/api/session';
import { json, platform, show } from '@/test/render';
import { Trace } from './Trace';

const AT = '2026-01-01T00:00:05Z';
const trace = {
  device_id: 7,
  device_name: 'greenhouse-1',
  is_running: true,
  started_at: AT,
  started_by: 'user admin',
  until: '2999-01-01T00:10:00Z',
  last: 2,
  missed: 0,
  entries: [
    {
      number: 1,
      kind: 'message',
      received_at: AT,
      via: 'mqtt',
      topic: 'telemetry',
      payload: { bytes: 20, text: '{"temperature":68}' },
      outcome: 'accepted',
      decoded: [{ metric: 'temperature', timestamp: AT, value: 68 }],
      steps: [
        {
          timestamp: AT,
          rule_id: 4,
          step: 0,
          type: 'convert',
          changed: [{ metric: 'temperature', timestamp: AT, value: 20 }],
          removed: [],
        },
      ],
      stored: [{ metric: 'temperature', timestamp: AT, value: 20 }],
    },
    {
      number: 2,
      kind: 'rules',
      received_at: AT,
      rules: [
        { rule_id: 3, name: 'Too hot', mode: 'active', asked: true, held: false, holds: false, findings: [], why: {} },
        { rule_id: 5, name: 'Too dry', mode: 'active', asked: false, held: false, holds: false },
      ],
    },
  ],
};

beforeEach(() => signIn('admin x'));

test('a message is told line by line, from what was sent to what rules said', async () => {
  platform({
    'GET /api/v1/devices/7/trace': () => json(trace),
    'GET /api/v1/processing-rules': () =>
      json({ processing_rules: [{ id: 4, name: 'Fahrenheit' }], count: 1, next_cursor: null }),
  });
  show({ '/': <Trace device={7} /> }, '/');
  const list = await screen.findByRole('list', { name: 'What was seen' });
  const entry = (await within(list).findAllByRole('listitem'))[0]!;
  const lineOf = (label: string) => within(entry).getByText(label).closest('div')!.textContent;
  expect(lineOf('Sent')).toContain('{"temperature":68} (20 bytes)');
  expect(lineOf('Read')).toContain('temperature = 68');
  expect((await within(entry).findByRole('link', { name: 'Fahrenheit' })).getAttribute('href')).toBe(
    '/processing-rules/4',
  );
  expect(lineOf('Processed')).toContain('1. converttemperature 68 → 20');
  expect(lineOf('Stored')).toContain('temperature = 20');
  expect(lineOf('Rules')).toContain('Too hot does not hold');
  expect(lineOf('Rules')).toContain('Not asked, for nothing in it was new to them: Too dry does not hold.');
  within(entry).getByText('MQTT · telemetry');
});

test('the raw JSON is a click away', async () => {
  platform({ 'GET /api/v1/devices/7/trace': () => json(trace) });
  show({ '/': <Trace device={7} /> }, '/');
  const toggle = await screen.findByRole('button', { name: 'Raw JSON' });
  expect(screen.queryByText(/"rule_id": 4/)).toBeNull();
  fireEvent.click(toggle);
  screen.getByText(/"rule_id": 4/);
});

test('only what is new is asked for, and a trace that began anew is read from its start', async () => {
  let now: object = trace;
  const asked = platform({
    'GET /api/v1/devices/7/trace': (request) => {
      const after = Number(new URL(request.url).searchParams.get('after') ?? 0);
      const { entries } = now as typeof trace;
      return json({ ...now, entries: entries.filter(({ number }) => number > after) });
    },
  });
  show({ '/': <Trace device={7} /> }, '/');
  await screen.findByText('Too hot');
  now = {
    ...trace,
    last: 3,
    entries: [...trace.entries, { ...trace.entries[0], number: 3, topic: 'telemetry/later' }],
  };
  await screen.findByText('MQTT · telemetry/later', undefined, { timeout: 4_000 });
  screen.getByText('Too hot');
  const since = asked.flatMap(({ url }) => (url.includes('/trace?') ? [new URL(url).searchParams.get('after')] : []));
  expect([since[0], since[since.length - 1]]).toEqual(['0', '2']);
  now = {
    ...trace,
    started_at: '2026-01-02T00:00:00Z',
    last: 5,
    entries: [{ ...trace.entries[0], topic: 'telemetry/anew' }],
  };
  await screen.findByText('MQTT · telemetry/anew', undefined, { timeout: 4_000 });
  expect(screen.queryByText('Too hot')).toBeNull();
});
