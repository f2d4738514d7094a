import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import { signIn } from '@/api/session';
import { json, ME, platform, show } from '@/test/render';
import { AlertPage } from './AlertPage';
import type { AlertDetail } from './api';
import { alert } from './testAlerts';

const detail: AlertDetail = {
  ...alert(41, { latched: true }),
  why: {
    rule_version: 2,
    at: '2026-03-01T12:00:00Z',
    by_time: false,
    condition: { type: 'threshold_high', metric: 'temperature', value: 31.5, threshold: 30 },
    values: { temperature: { value: 31.5, at: '2026-03-01T12:00:00Z' } },
    windows: [{ metric: 'temperature', window: '5m', count: 300, avg: 29.5, std: 0.5, min: 28, max: 31.5 }],
  },
  history: [
    { at: '2026-03-01T12:00:00Z', event: 'begun', actor: 'rule', detail: 'boiler-41 is too hot' },
    { at: '2026-03-01T12:04:00Z', event: 'commented', actor: 'eva', detail: 'the fan is on order' },
  ],
};
const reader = ['alerts:read', 'alerts:write', 'users:read'];
const answers = {
  'GET /api/v1/auth/me': () => json({ ...ME, name: 'eva', user_id: 7, permissions: reader }),
  'GET /api/v1/alerts/41': () => json(detail),
};
const pages = { '/alerts/:alert': <AlertPage /> };
const bodyOf = (asked: Request[], what: string) =>
  asked.find(({ url, method }) => method === 'POST' && url.endsWith(what))?.json();

beforeEach(() => signIn('admin x'));

test('an alert says why it began, in words and tables, and what happened since', async () => {
  platform(answers);
  show(pages, '/alerts/41');
  await screen.findByText('temperature was 31.5, above 30');
  within(screen.getByRole('table', { name: 'Values' })).getByText('31.5');
  within(screen.getByRole('table', { name: 'Windows' })).getByText('temperature over 5m');
  screen.getByText('the fan is on order');
  screen.getByText('stays open until somebody resolves it');
});

test('one key acknowledges; what is written goes into the history', async () => {
  const asked = platform({
    ...answers,
    'POST /api/v1/alerts/acknowledge': () => json({ changed: 1, unchanged: 0, refused: [] }),
    'POST /api/v1/alerts/41/comment': () => json(detail),
  });
  show(pages, '/alerts/41');
  await screen.findByRole('button', { name: 'Acknowledge' });
  fireEvent.keyDown(document.body, { key: 'a' });
  await waitFor(async () => expect(await bodyOf(asked, '/acknowledge')).toEqual({ ids: [41], reason: null }));
  fireEvent.change(screen.getByLabelText('Comment'), { target: { value: ' on my way ' } });
  fireEvent.click(screen.getByRole('button', { name: 'Comment' }));
  await waitFor(async () => expect(await bodyOf(asked, '/comment')).toEqual({ text: 'on my way' }));
});

test('a user takes it, and marks it as a false positive', async () => {
  const asked = platform({
    ...answers,
    'POST /api/v1/alerts/41/assign': () => json(detail),
    'POST /api/v1/alerts/41/false-positive': () => json(detail),
  });
  show(pages, '/alerts/41');
  fireEvent.click(await screen.findByRole('button', { name: 'More' }));
  fireEvent.click(await screen.findByRole('menuitem', { name: 'Take it' }));
  await waitFor(async () => expect(await bodyOf(asked, '/assign')).toEqual({ user: 'eva' }));
  fireEvent.click(screen.getByRole('button', { name: 'More' }));
  fireEvent.click(await screen.findByRole('menuitem', { name: 'False positive' }));
  fireEvent.click(await screen.findByRole('button', { name: 'Mark it' }));
  await waitFor(async () => expect(await bodyOf(asked, '/false-positive')).toEqual({ value: true, reason: null }));
});

test('one that may not be seen is said to be absent', async () => {
  platform({ ...answers, 'GET /api/v1/alerts/41': () => json({ title: 'Not found', detail: 'None here.' }, 404) });
  show(pages, '/alerts/41');
  await screen.findByText('None here.');
});
