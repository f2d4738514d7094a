import { fireEvent, screen, waitFor } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import { signIn } from '@/api/session';
import { json, ME, platform, show } from '@/test/render';
import type { Entry } from './api';
import { Timeline } from './Timeline';
import { byDay, sentenceOf } from './words';

const entry = (kind: Entry['kind'], what: string, more: Partial<Entry> = {}): Entry => ({
  timestamp: '2026-01-02T12:00:00Z',
  kind,
  what,
  subject: '',
  actor: '',
  detail: '',
  link: null,
  data: null,
  ...more,
});
const answer = (entries: Entry[], next: string | null = null) =>
  json({ entries, count: entries.length, next_cursor: next, left_out: [] });
const path = 'GET /api/v1/devices/7/timeline';
const pages = { '/': <Timeline device={7} /> };

beforeEach(() => signIn('admin x'));

test('what happened is said in sentences', () => {
  const cases: [Entry, string, string][] = [
    [
      entry('device', 'device.status_changed', {
        data: { before: { status: 'active' }, after: { status: 'maintenance' } },
      }),
      'Device status changed',
      'status: active → maintenance',
    ],
    [entry('presence', 'offline'), 'It went offline', ''],
    [entry('alert', 'acknowledged', { subject: 'Too hot', actor: 'anna' }), 'Alert Too hot: anna looks after it', ''],
    [
      entry('alert', 'begun', { subject: 'Too hot', actor: 'rule', detail: '81 °C' }),
      'Alert Too hot: it began',
      '81 °C',
    ],
    [entry('command', 'failed', { subject: 'restart', detail: 'busy' }), 'Command restart: failed', 'busy'],
    [entry('shadow', 'desired', { data: { valve: null } }), 'Something was desired of it', '{"valve":null}'],
    [
      entry('sensor', 'calibrated', {
        subject: 'probe',
        detail: 'yearly',
        data: { before: { offset: 0 }, after: { offset: 1.5 } },
      }),
      'Sensor probe: calibrated',
      'yearly: offset 0 → 1.5',
    ],
  ];
  for (const [given, words, detail] of cases) expect(sentenceOf(given)).toEqual({ words, detail });
});

test('entries stand by their day', () => {
  const days = byDay([
    entry('presence', 'online'),
    entry('presence', 'offline', { timestamp: '2025-12-24T12:00:00Z' }),
  ]);
  expect(days.map(({ entries }) => entries.length)).toEqual([1, 1]);
});

test('entries lead to what they are about, and older ones follow', async () => {
  const asked = platform({
    [path]: ({ url }) =>
      new URL(url).searchParams.get('cursor') === 'next'
        ? answer([entry('device', 'device.registered', { actor: 'anna', link: '4' })])
        : answer([entry('alert', 'begun', { subject: 'Too hot', actor: 'rule', link: '12' })], 'next'),
  });
  show(pages, '/');
  const alert = await screen.findByRole('link', { name: 'Alert Too hot: it began' });
  expect(alert.getAttribute('href')).toBe('/alerts/12');
  fireEvent.click(screen.getByRole('button', { name: 'Show what was before' }));
  expect((await screen.findByRole('link', { name: 'Device registered' })).getAttribute('href')).toBe('/audit/4');
  fireEvent.click(screen.getByRole('checkbox', { name: 'Presence' }));
  await waitFor(() =>
    expect(asked.some(({ url }) => new URL(url).searchParams.get('kinds') === 'presence')).toBe(true),
  );
});

test('who may not read alerts or the audit log is told so, and not offered them', async () => {
  platform({
    [path]: () => answer([entry('presence', 'online')]),
    'GET /api/v1/auth/me': () => json({ ...ME, permissions: ['devices:read'] }),
  });
  show(pages, '/');
  await screen.findByText('It came online');
  expect(screen.queryByRole('checkbox', { name: 'Alerts' })).toBeNull();
  expect(screen.getByText(/audit log, which your role does not include/)).toBeTruthy();
});
