import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import { signIn } from '@/api/session';
import { image, update } from '@/features/firmware/testImages';
import { json, ME, platform, show } from '@/test/render';
import type { RolloutProgress } from './api';
import { RolloutPage } from './RolloutPage';
import { RolloutsPage } from './RolloutsPage';
import { member, rollout } from './testRollouts';

const answers = (its: RolloutProgress) => ({
  'GET /api/v1/rollouts': () => json({ rollouts: [its], count: 1, next_cursor: null }),
  'GET /api/v1/rollouts/5': () => json(its),
  'GET /api/v1/rollouts/5/devices': () =>
    json({
      devices: [member(), member({ device_id: 8, device_name: 'boiler-8', status: 'waiting', update_id: null })],
      count: 2,
      next_cursor: null,
    }),
  'GET /api/v1/firmware': () => json({ firmware: [image()], count: 1, next_cursor: null }),
  'GET /api/v1/firmware/3': () => json(image()),
  'GET /api/v1/groups/tree': () => json({ groups: [], count: 0 }),
  'GET /api/v1/devices/7/updates': () =>
    json({ device_id: 7, firmware_version: '1.3.9', updates: [update({ rollout_id: 5 })], count: 1 }),
});
const pages = { '/rollouts': <RolloutsPage />, '/rollouts/:rollout': <RolloutPage /> };

beforeEach(() => signIn('admin x'));

test('the list names image, state and stage', async () => {
  platform(answers(rollout()));
  show(pages, '/rollouts');
  const row = (await screen.findByRole('link', { name: 'Greenhouses to 1.4.0' })).closest('tr')!;
  await within(row).findByText('greenhouse 1.4.0');
  within(row).getByText('running');
  within(row).getByText('1 of 2');
});

test('devices are counted by state, stage by stage, and each has its timeline', async () => {
  platform(answers(rollout()));
  show(pages, '/rollouts/5');
  const all = await screen.findByRole('list', { name: 'Devices by state' });
  expect(
    within(all)
      .getAllByRole('listitem')
      .map((each) => each.textContent),
  ).toEqual(['1 installed', '1 downloading', '8 waiting']);
  within(screen.getByRole('list', { name: 'Devices of stage 1' })).getByText('updating', { exact: false });
  const row = (await screen.findByRole('link', { name: 'boiler-7' })).closest('tr')!;
  within(row).getByText('downloading, 40 %');
  expect(screen.getAllByRole('button', { name: 'Timeline' })).toHaveLength(1);
  fireEvent.click(screen.getByRole('button', { name: 'Timeline' }));
  await screen.findByRole('list', { name: 'Steps to 1.4.0' });
});

test('it is paused at once, and aborted after a question', async () => {
  const asked = platform({
    ...answers(rollout()),
    'POST /api/v1/rollouts/5/pause': () => json(rollout({ state: 'paused' })),
    'POST /api/v1/rollouts/5/abort': () => json(rollout({ state: 'aborted' })),
  });
  const posts = () => asked.filter(({ method }) => method === 'POST').map(({ url }) => url.split('/').pop());
  show(pages, '/rollouts/5');
  fireEvent.click(await screen.findByRole('button', { name: 'Pause' }));
  await waitFor(() => expect(posts()).toEqual(['pause']));
  fireEvent.click(screen.getByRole('button', { name: 'Abort' }));
  expect(posts()).toEqual(['pause']);
  fireEvent.click(within(screen.getByRole('dialog')).getByRole('button', { name: 'Abort' }));
  await waitFor(() => expect(posts()).toEqual(['pause', 'abort']));
});

test('why it halted stands out', async () => {
  platform(answers(rollout({ state: 'halted', reason: 'stage 1: 3 of 10 devices have failed' })));
  show(pages, '/rollouts/5');
  const alert = await screen.findByRole('alert');
  expect(alert.textContent).toContain('Stage 1: 3 of 10 devices have failed.');
  expect(screen.queryByRole('button', { name: 'Pause' })).toBeNull();
});

test('the author is told that a second person must approve', async () => {
  platform({
    ...answers(rollout({ state: 'awaiting_approval', approval: true, started_at: null })),
    'POST /api/v1/rollouts/5/approve': () =>
      json({ title: 'Forbidden', detail: 'Somebody else than its author has to approve this rollout.' }, 403),
  });
  show(pages, '/rollouts/5');
  fireEvent.click(await screen.findByRole('button', { name: 'Approve' }));
  fireEvent.click(within(screen.getByRole('dialog')).getByRole('button', { name: 'Approve' }));
  await within(screen.getByRole('dialog')).findByText('Somebody else than its author has to approve this rollout.');
});

test('who may only read is offered no act', async () => {
  platform({
    ...answers(rollout()),
    'GET /api/v1/auth/me': () => json({ ...ME, permissions: ['firmware:read'] }),
  });
  show(pages, '/rollouts/5');
  await screen.findByRole('link', { name: 'boiler-7' });
  expect(screen.queryByRole('button', { name: 'Pause' })).toBeNull();
});
