import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import { Problem } from '@/api/problem';
import { signIn } from '@/api/session';
import { json, ME, platform, show } from '@/test/render';
import type { Version } from './api';
import { mistakesOf } from './JsonField';
import { SchemaCard } from './SchemaCard';
import { SharedConfiguration } from './SharedConfiguration';

const version = (number: number, state: Version['state']): Version => ({
  version: number,
  target: 'type:thermostat',
  organization_id: 1,
  state,
  keys: 1,
  note: '',
  author: 'user 3 (anna)',
  created_at: '2026-03-01T12:00:00Z',
  activated_at: null,
  activated_by: null,
});
const entry = { value: 60, data_type: 'integer', updated_at: '2026-03-01T12:00:00Z' };
const answers = {
  'GET /api/v1/configurations': () =>
    json({ versions: [version(3, 'draft'), version(2, 'active')], count: 2, next_cursor: null }),
  'GET /api/v1/configurations/version': () => json({ ...version(2, 'active'), configuration: { interval: entry } }),
  'GET /api/v1/configurations/diff': () =>
    json({ from: 2, to: 3, changes: [{ path: '/interval', before: 60, after: 30 }], count: 1 }),
  'POST /api/v1/configurations/activate': () => json(version(3, 'active')),
  'POST /api/v1/configurations/deactivate': () => json(version(2, 'former')),
};
const owner = { type: 'thermostat', organization: 4 };
const pages = { '/': <SharedConfiguration owner={owner} devices={1200} /> };
const posts = (asked: Request[]) => asked.filter(({ method }) => method === 'POST').map(({ url }) => new URL(url));

beforeEach(() => signIn('admin x'));

test('a draft is activated after a look at what it changes, and for how many', async () => {
  const asked = platform(answers);
  show(pages, '/');
  await screen.findByText('Version 2 is active');
  fireEvent.click(screen.getByRole('button', { name: 'Activate' }));
  const dialog = within(await screen.findByRole('dialog'));
  dialog.getByText(/1,200 devices are concerned/);
  await dialog.findByText('/interval');
  fireEvent.click(dialog.getByRole('button', { name: 'Activate' }));
  await waitFor(() => expect(posts(asked)).toHaveLength(1));
  expect(Object.fromEntries(posts(asked)[0]!.searchParams)).toEqual({
    target: 'type:thermostat',
    organization_id: '4',
    version: '3',
  });
});

test('no version need be active', async () => {
  const asked = platform(answers);
  show(pages, '/');
  fireEvent.click(await screen.findByRole('button', { name: 'Deactivate' }));
  fireEvent.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Deactivate' }));
  await waitFor(() => expect(posts(asked)[0]?.pathname).toBe('/api/v1/configurations/deactivate'));
});

test('who may not change it only reads', async () => {
  platform({ ...answers, 'GET /api/v1/auth/me': () => json({ ...ME, permissions: ['devices:read'] }) });
  show(pages, '/');
  await screen.findByText('Version 2 is active');
  expect(screen.queryByRole('button', { name: 'Deactivate' })).toBeNull();
  expect(screen.queryByRole('button', { name: 'Review and activate' })).toBeNull();
});

test('a type without a schema says so', async () => {
  platform({});
  show({ '/': <SchemaCard owner={owner} /> }, '/');
  await screen.findByText('There is none: any key and value is allowed.');
});

test('what the schema refuses is marked where it stands', () => {
  const text = '{\n  "limits": {"high": "x"}\n}';
  const refusal = new Problem({
    status: 422,
    title: 'Invalid',
    errors: [
      { field: 'configuration/limits/high', detail: 'string found, integer expected' },
      { field: 'note', detail: 'is too long' },
    ],
  });
  expect(mistakesOf(refusal, 'configuration', text)).toEqual([
    { line: 2, column: 15, message: 'string found, integer expected', instead: '' },
  ]);
  expect(mistakesOf(new TypeError('lost'), 'configuration', text)).toEqual([]);
});
