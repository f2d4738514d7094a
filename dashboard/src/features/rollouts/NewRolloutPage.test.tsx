import { fireEvent, screen, waitFor } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import { signIn } from '@/api/session';
import { image } from '@/features/firmware/testImages';
import { json, platform, show } from '@/test/render';
import { NewRolloutPage } from './NewRolloutPage';
import { rollout } from './testRollouts';

const answers = {
  'GET /api/v1/firmware': () =>
    json({ firmware: [image(), image({ id: 4, state: 'withdrawn' })], count: 2, next_cursor: null }),
  'GET /api/v1/firmware/keys': () => json({ keys: [], count: 0, next_cursor: null }),
  'GET /api/v1/groups/tree': () => json({ groups: [], count: 0 }),
  'GET /api/v1/organizations': () => json({ organizations: [], count: 0, next_cursor: null }),
  'GET /api/v1/admin/stats': () => json({ devices: { by_type: { probe: 20 } } }),
  'POST /api/v1/rollouts/preview': () =>
    json({ count: 20, devices: [{ id: 7, name: 'boiler-7', firmware_version: '1.3.9' }] }),
  'POST /api/v1/rollouts': () => json(rollout(), 201),
};
const pages = { '/rollouts/new': <NewRolloutPage />, '/rollouts/:rollout': <p>the rollout</p> };
const next = () => fireEvent.click(screen.getByRole('button', { name: 'Next' }));

beforeEach(() => signIn('admin x'));

test('a rollout is planned step by step, looked at and created', async () => {
  const asked = platform(answers);
  show(pages, '/rollouts/new?firmware=3');
  expect((await screen.findByLabelText<HTMLInputElement>('Name of the rollout')).value).toBe('greenhouse to 1.4.0');
  next();
  await screen.findByText('devices take part as of now');
  screen.getByText('boiler-7', { exact: false });
  fireEvent.change(screen.getByLabelText('Filter'), { target: { value: 'metadata.site === "north"' } });
  next();
  await screen.findByText('1 device as of now');
  screen.getByText(/all that are left, 19 devices as of now/);
  fireEvent.change(screen.getByLabelText('Size of stage 1'), { target: { value: '5' } });
  await screen.findByText('5 devices as of now');
  next();
  fireEvent.click(screen.getByRole('button', { name: 'Add a window' }));
  fireEvent.click(screen.getByLabelText('A second person must approve it'));
  next();
  await screen.findByText(/Over midnight|every day 22:00–04:00 of the next day/);
  fireEvent.click(screen.getByRole('button', { name: 'Create, and wait for approval' }));
  await screen.findByText('the rollout');
  const post = asked.find(({ method, url }) => method === 'POST' && url.endsWith('/rollouts'))!;
  expect(await post.json()).toMatchObject({
    name: 'greenhouse to 1.4.0',
    firmware_id: 3,
    scope: { filter: 'metadata.site === "north"' },
    stages: [{ count: 5 }, {}],
    approval: true,
    windows: [{ days: [], from: '22:00', to: '04:00' }],
  });
}, 20_000);

test('nothing goes on without an image', async () => {
  platform(answers);
  show(pages, '/rollouts/new');
  await screen.findByText('Choose an image.');
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Next' }).disabled).toBe(true);
});

test('a filter that cannot be read is said where it is written', async () => {
  platform({
    ...answers,
    'POST /api/v1/rollouts/preview': () =>
      json(
        { title: 'Invalid', detail: '', errors: [{ field: 'scope.filter', detail: 'line 1, column 3: what is this' }] },
        422,
      ),
  });
  show(pages, '/rollouts/new?firmware=3');
  await screen.findByLabelText('Name of the rollout');
  next();
  await screen.findByText(/what is this/);
  await waitFor(() => expect(screen.queryByText('devices take part as of now')).toBeNull());
});
