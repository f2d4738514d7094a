import { fireEvent, screen, waitFor } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import { signIn } from '@/api/session';
import { json, platform, show } from '@/test/render';
import { Notifications } from './Notifications';

const told = (id: number, read: boolean) => ({
  id,
  organization_id: 1,
  event: 'begun',
  escalation: 0,
  title: `[MAJOR] Too hot: boiler-${id}`,
  at: '2026-03-01T12:00:00Z',
  alert: { alert_id: 40 + id },
  read,
});
const pages = { '/': <Notifications />, '/alerts/:alert': <h1>One alert</h1> };

beforeEach(() => signIn('admin x'));

test('the bell counts what is new; opening it is reading it', async () => {
  let unread = 1;
  const asked = platform({
    'GET /api/v1/notifications': () =>
      json({ notifications: [told(2, unread === 0), told(1, true)], count: 2, next_cursor: null, unread }),
    'POST /api/v1/notifications/read': () => {
      unread = 0;
      return new Response(null, { status: 204 });
    },
  });
  show(pages, '/');
  fireEvent.click(await screen.findByRole('button', { name: 'Notifications, 1 unread' }));
  await waitFor(async () => {
    const mark = asked.find(({ method }) => method === 'POST');
    expect(await mark?.clone().json()).toEqual({ up_to: 2 });
  });
  await screen.findByRole('button', { name: 'Notifications' });
  screen.getByText('new');
  fireEvent.click(screen.getByText('[MAJOR] Too hot: boiler-2'));
  await screen.findByRole('heading', { name: 'One alert' });
});

test('a bell that never rang says what would ring it', async () => {
  platform({
    'GET /api/v1/notifications': () => json({ notifications: [], count: 0, next_cursor: null, unread: 0 }),
  });
  show(pages, '/');
  fireEvent.click(await screen.findByRole('button', { name: 'Notifications' }));
  await screen.findByText(/In the dashboard/);
});
