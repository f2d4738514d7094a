import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import { signIn } from '@/api/session';
import { json, ME, platform, show } from '@/test/render';
import type { Channel, Delivery } from './api';
import { ChannelsPage } from './ChannelsPage';

const hook: Channel = {
  id: 3,
  name: 'tickets',
  kind: 'webhook',
  organization_id: 1,
  settings: { url: 'https://tickets.example.org', form: 'json', secret: null, headers: null },
  has_secret: true,
  created_at: '2026-03-01T12:00:00Z',
  updated_at: '2026-03-01T12:00:00Z',
};
const delivery: Delivery = {
  id: 9,
  organization_id: 1,
  alert_id: 41,
  event: 'begun',
  escalation: 0,
  channel_id: 3,
  host: null,
  kind: 'webhook',
  state: 'failed',
  message_id: 'msg_1',
  held: null,
  planned_at: '2026-03-01T12:00:00Z',
  due_at: null,
  detail: 'no such ticket queue',
  suppressed: 0,
  created_at: '2026-03-01T12:00:00Z',
  ended_at: '2026-03-01T12:00:03Z',
  attempts: [
    { at: '2026-03-01T12:00:01Z', outcome: 'refused', status: 404, detail: 'no such ticket queue', took_ms: 84 },
  ],
};
const list = (...channels: Channel[]) => json({ channels, count: channels.length, next_cursor: null });
const tagged = (channel: Channel) =>
  new Response(JSON.stringify(channel), { headers: { 'Content-Type': 'application/json', ETag: '"4"' } });
const answers = {
  'GET /api/v1/channels': () => list(hook),
  'GET /api/v1/channels/3': () => tagged(hook),
  'GET /api/v1/deliveries': () => json({ deliveries: [delivery], count: 1, next_cursor: null }),
  'PUT /api/v1/channels/3': () => tagged(hook),
};
const pages = { '/channels': <ChannelsPage /> };
const sent = (asked: Request[], method: string) => asked.find((request) => request.method === method)!;
const manage = async (act: string) => {
  fireEvent.click(await screen.findByRole('button', { name: 'Manage tickets' }));
  fireEvent.click(await screen.findByRole('menuitem', { name: act }));
};

beforeEach(() => signIn('admin x'));

test('each channel says what became of its last delivery', async () => {
  platform(answers);
  show(pages, '/channels');
  await screen.findByText('https://tickets.example.org');
  await screen.findByText('failed');
});

test('a test shows what the receiver answered', async () => {
  platform({
    ...answers,
    'POST /api/v1/channels/3/test': () =>
      json({ outcome: 'refused', status: 403, detail: 'invalid_token', took_ms: 84 }),
  });
  show(pages, '/channels');
  await manage('Send a test');
  fireEvent.click(await screen.findByRole('button', { name: 'Send a test' }));
  await screen.findByText('invalid_token');
  screen.getByText('Answered 403 after 84 ms');
});

test('secrets are kept, replaced or removed, and the version that was read is named', async () => {
  const asked = platform(answers);
  show(pages, '/channels');
  await manage('Change');
  const secret = within(await screen.findByRole('group', { name: 'Signing secret' }));
  fireEvent.click(secret.getByRole('button', { name: 'Replace' }));
  fireEvent.change(await screen.findByLabelText(/Signing secret/, { selector: 'input' }), {
    target: { value: '0123456789abcdef' },
  });
  fireEvent.click(within(screen.getByRole('group', { name: 'Headers' })).getByRole('button', { name: 'Remove' }));
  fireEvent.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(sent(asked, 'PUT')).toBeDefined());
  expect(sent(asked, 'PUT').headers.get('If-Match')).toBe('"4"');
  expect(await sent(asked, 'PUT').json()).toEqual({
    name: 'tickets',
    kind: 'webhook',
    settings: { url: 'https://tickets.example.org', form: 'json', secret: '0123456789abcdef', headers: {} },
  });
});

test('a new channel is offered to be tested at once', async () => {
  const asked = platform({
    ...answers,
    'GET /api/v1/channels': () => list(),
    'POST /api/v1/channels': () => json(hook, 201),
  });
  show(pages, '/channels');
  await screen.findByText('No channel yet');
  fireEvent.click(screen.getByRole('button', { name: 'New channel' }));
  fireEvent.change(await screen.findByLabelText('Name'), { target: { value: 'tickets' } });
  fireEvent.click(screen.getByRole('combobox', { name: 'Kind' }));
  fireEvent.click(await screen.findByRole('option', { name: 'Webhook' }));
  fireEvent.change(await screen.findByLabelText('URL'), { target: { value: 'https://tickets.example.org' } });
  fireEvent.click(screen.getByRole('button', { name: 'Create' }));
  await screen.findByText('Test tickets');
  expect(await sent(asked, 'POST').json()).toMatchObject({
    name: 'tickets',
    kind: 'webhook',
    settings: { url: 'https://tickets.example.org', form: 'json' },
  });
});

test('a delivery shows each attempt and what was answered', async () => {
  platform(answers);
  show(pages, '/channels?tab=deliveries');
  fireEvent.click(await screen.findByRole('button', { name: 'Attempts' }));
  await screen.findByText('404 no such ticket queue');
});

test('who may only read can neither make nor test', async () => {
  platform({ ...answers, 'GET /api/v1/auth/me': () => json({ ...ME, permissions: ['channels:read'] }) });
  show(pages, '/channels');
  fireEvent.click(await screen.findByRole('button', { name: 'Manage tickets' }));
  await screen.findByRole('menuitem', { name: 'Deliveries' });
  expect(screen.queryByRole('menuitem', { name: 'Send a test' })).toBeNull();
  expect(screen.queryByRole('button', { name: 'New channel' })).toBeNull();
});
