import { fireEvent, screen, waitFor } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import { signIn } from '@/api/session';
import { json, ME, platform, show } from '@/test/render';
import type { Version } from './api';
import { ConfigurationVersions } from './ConfigurationVersions';

const version = (number: number, state: Version['state'], note = ''): Version => ({
  version: number,
  target: 'device:7',
  organization_id: 1,
  state,
  keys: 1,
  note,
  author: 'user 3 (anna)',
  created_at: '2026-03-01T12:00:00Z',
  activated_at: null,
  activated_by: null,
});
const path = '/api/v1/devices/lamp/configurations';
const answers = {
  [`GET ${path}`]: () =>
    json({
      versions: [version(3, 'draft'), version(2, 'active'), version(1, 'former', 'first')],
      count: 3,
      next_cursor: null,
    }),
  [`GET ${path}/diff`]: () => json({ from: 2, to: 1, changes: [{ path: '/interval', before: 60 }], count: 1 }),
  [`POST ${path}/rollback`]: () => json(version(4, 'active'), 201),
};
const pages = { '/': <ConfigurationVersions owner={{ device: 'lamp' }} /> };

beforeEach(() => signIn('admin x'));

test('an older version is compared with the active one and taken back', async () => {
  const asked = platform(answers);
  show(pages, '/');
  expect(await screen.findByText('first')).toBeTruthy();
  fireEvent.click(screen.getAllByRole('button', { name: 'Compare' })[1]!);
  expect(await screen.findByText('/interval')).toBeTruthy();
  expect(asked.some(({ url }) => url.includes('from=2&to=1'))).toBe(true);
  fireEvent.click(await screen.findByRole('button', { name: 'Go back to it' }));
  await waitFor(() => expect(asked.some(({ method }) => method === 'POST')).toBe(true));
  expect(await asked.find(({ method }) => method === 'POST')!.json()).toEqual({ version: 1 });
});

test('who may not change it is not offered to', async () => {
  platform({ ...answers, 'GET /api/v1/auth/me': () => json({ ...ME, permissions: ['devices:read'] }) });
  show(pages, '/');
  await screen.findByText('first');
  expect(screen.queryByRole('button', { name: 'Activate' })).toBeNull();
});
