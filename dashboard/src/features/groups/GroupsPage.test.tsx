import { fireEvent, screen, within } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import { signIn } from '@/api/session';
import { json, ME, platform, show } from '@/test/render';
import type { GroupBranch } from './api';
import { GroupPage } from './GroupPage';
import { GroupsPage } from './GroupsPage';

const group = (id: number, name: string, more: Partial<GroupBranch> = {}): GroupBranch => ({
  id,
  organization_id: 1,
  name,
  description: '',
  parent_id: null,
  kind: 'static',
  filter: null,
  totals: { devices: 3, online: 2, open_alerts: 1 },
  groups: [],
  created_at: '2026-03-01T12:00:00Z',
  updated_at: '2026-03-01T12:00:00Z',
  ...more,
});
const line = group(5, 'Line 1', { parent_id: 4, kind: 'dynamic', filter: "tags.line === '1'" });
const tree = { groups: [group(4, 'Hall 3', { groups: [line] })], count: 2 };
const pump = {
  id: 7,
  name: 'pump-1',
  device_type: 'pump',
  status: 'active',
  is_online: true,
  last_seen: '2026-03-01T12:00:00Z',
};
const answers = {
  'GET /api/v1/groups/tree': () => json(tree),
  'GET /api/v1/groups/4/devices': () => json({ devices: [pump], count: 1, total: 1, next_cursor: null }),
  'PUT /api/v1/groups/4/members/pump-2': () => json({ added: 1, removed: 0 }),
  'GET /api/v1/admin/devices': () => json({ devices: [], count: 0, total: 0, total_at_least: 0, next_cursor: null }),
  'POST /api/v1/groups': () => json(group(9, 'Old pumps'), 201),
};
const pages = { '/groups': <GroupsPage />, '/groups/:group': <GroupPage /> };
const sent = (asked: Request[], method: string) => asked.find((request) => request.method === method)!;

beforeEach(() => signIn('admin x'));

test('the tree shows what each group amounts to', async () => {
  platform(answers);
  show(pages, '/groups');
  const hall = (await screen.findByText('Hall 3')).closest('tr')!;
  expect(
    within(hall)
      .getAllByRole('cell')
      .map((cell) => cell.textContent),
  ).toEqual(expect.arrayContaining(['Hall 3', 'static', '3', '2', '1']));
  expect(screen.getByText('Line 1').closest('tr')!.textContent).toContain('dynamic');
});

test('a device is put into a list', async () => {
  const asked = platform(answers);
  show(pages, '/groups');
  fireEvent.click(await screen.findByText('Hall 3'));
  await screen.findByText('pump-1');
  fireEvent.change(screen.getByLabelText('Put in a device'), { target: { value: 'pump-2' } });
  fireEvent.click(screen.getByRole('button', { name: 'Add' }));
  await expect.poll(() => sent(asked, 'PUT')?.url).toContain('/groups/4/members/pump-2');
});

test('a group that is gone says so', async () => {
  platform(answers);
  show(pages, '/groups/77');
  await screen.findByText('There is no such group');
});

test('a filter shows what it accepts before it is kept', async () => {
  const asked = platform(answers);
  show(pages, '/groups');
  fireEvent.click(await screen.findByRole('button', { name: 'New group' }));
  fireEvent.change(screen.getByLabelText('Name'), { target: { value: 'Old pumps' } });
  fireEvent.click(screen.getByLabelText('By a filter'));
  fireEvent.change(screen.getByLabelText('Filter'), { target: { value: "device.type === 'pump'" } });
  await screen.findByText('No device fits.');
  fireEvent.click(screen.getByRole('button', { name: 'Create' }));
  await expect.poll(() => sent(asked, 'POST')).toBeDefined();
  expect(await sent(asked, 'POST').json()).toMatchObject({
    name: 'Old pumps',
    kind: 'dynamic',
    filter: "device.type === 'pump'",
    parent_id: null,
  });
});

test('who may only read is offered nothing else', async () => {
  platform({ ...answers, 'GET /api/v1/auth/me': () => json({ ...ME, permissions: ['devices:read'] }) });
  show(pages, '/groups');
  await screen.findByText('Hall 3');
  expect(screen.queryByRole('button', { name: 'New group' })).toBeNull();
});
