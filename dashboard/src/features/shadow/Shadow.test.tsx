import { EditorView } from '@codemirror/view';
import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';
import { signIn } from '@/api/session';
import { json, ME, platform, show } from '@/test/render';
import { Shadow } from './Shadow';

const at = (version: number) => ({ timestamp: '2026-01-01T00:00:00Z', version });
const shadow = {
  version: 12,
  reported: { valve: { open: true }, firmware: '1.5.0' },
  desired: { valve: { open: false } },
  delta: { valve: { open: false } },
  metadata: {
    reported: { valve: { open: at(9) }, firmware: at(2) },
    desired: { valve: { open: at(12) } },
  },
  reported_version: 9,
  desired_version: 3,
};
/** As somebody else has left it. */
const later = {
  ...shadow,
  version: 13,
  desired: { valve: { open: false }, mode: 'eco' },
  delta: { valve: { open: false }, mode: 'eco' },
  metadata: { ...shadow.metadata, desired: { valve: { open: at(12) }, mode: at(13) } },
  desired_version: 4,
};
const change = {
  desired_version: 3,
  author: 'user 4 (anna)',
  changed_at: '2026-01-01T00:00:00Z',
  patch: { valve: { open: false } },
};
const answers = {
  'GET /api/v1/devices/7/shadow': () => json(shadow),
  'GET /api/v1/devices/7/shadow/history': () => json({ changes: [change], count: 1, next_cursor: null }),
};
const pages = { '/': <Shadow device={{ id: 7, status: 'active' }} /> };

beforeEach(() => signIn('admin x'));
vi.setConfig({ testTimeout: 20_000 });

/** What is written in the editor, which lies in a shadow root. */
async function editor() {
  const dialog = await screen.findByRole('dialog');
  await waitFor(() => expect(inside(dialog)).toBeTruthy());
  return EditorView.findFromDOM(inside(dialog)!)!;
}
const inside = (dialog: HTMLElement) =>
  [...dialog.querySelectorAll('*')]
    .map((each) => each.shadowRoot?.querySelector<HTMLElement>('.cm-editor'))
    .find((each) => each);
const write = (view: EditorView, text: string) =>
  act(() => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } }));

test('both halves stand side by side with their versions, and what differs stands out', async () => {
  platform(answers);
  show(pages, '/');
  const table = await screen.findByRole('table', { name: 'Shadow' });
  const valve = within(table).getByRole('row', { name: /valve\.open/ });
  expect(valve.textContent).toMatch(/true.*version 9.*false.*version 12.*still to come/);
  expect(screen.getByRole('status').textContent).toBe('It differs in 1 key.');
  expect((await screen.findByLabelText(/^Changes of the desired half/)).textContent).toContain('user 4 (anna)');
  fireEvent.click(screen.getByRole('switch', { name: 'Only what differs' }));
  expect(within(table).queryByRole('row', { name: /firmware/ })).toBeNull();
});

test('what is sent is what was changed, for the version that was read', async () => {
  const asked = platform({ ...answers, 'PATCH /api/v1/devices/7/shadow': () => json(later) });
  show(pages, '/');
  fireEvent.click(await screen.findByRole('button', { name: 'Edit desired' }));
  const view = await editor();
  expect(JSON.parse(view.state.doc.toString())).toEqual(shadow.desired);
  const save = screen.getByRole('button', { name: 'Save' });
  expect(save).toHaveProperty('disabled', true);
  write(view, '{"valve": {"open": null}}');
  expect(screen.getByText(/null removes a key/).textContent).toContain('valve.open');
  write(view, '{"mode": "eco"}');
  fireEvent.click(save);
  await waitFor(() => expect(asked.some(({ method }) => method === 'PATCH')).toBe(true));
  expect(await asked.find(({ method }) => method === 'PATCH')!.json()).toEqual({
    desired: { valve: null, mode: 'eco' },
    desired_version: 3,
  });
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
});

test('who was overtaken sees what was changed, and tries again on top of it', async () => {
  let now = shadow;
  const asked = platform({
    ...answers,
    'GET /api/v1/devices/7/shadow': () => json(now),
    'PATCH /api/v1/devices/7/shadow': async (request) => {
      const { desired_version } = (await request.json()) as { desired_version: number };
      if (desired_version === later.desired_version) return json(later);
      now = later;
      return json({ title: 'Conflict', code: 'conflict', detail: 'The shadow has changed since it was read.' }, 409);
    },
  });
  show(pages, '/');
  fireEvent.click(await screen.findByRole('button', { name: 'Edit desired' }));
  const view = await editor();
  write(view, '{"valve": {"open": true}}');
  fireEvent.click(screen.getByRole('button', { name: 'Save' }));
  const changed = await screen.findByRole('list', { name: 'What was changed meanwhile' });
  expect(changed.textContent).toBe('mode is "eco" now (was not there)');
  expect(screen.getByRole('button', { name: 'Save' })).toHaveProperty('disabled', true);
  fireEvent.click(screen.getByRole('button', { name: 'Put my changes on top of it' }));
  await waitFor(() => expect(JSON.parse(view.state.doc.toString())).toEqual({ valve: { open: true }, mode: 'eco' }));
  fireEvent.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  const sent = asked.filter(({ method }) => method === 'PATCH');
  expect(await sent[1]!.json()).toEqual({ desired: { valve: { open: true } }, desired_version: 4 });
});

test('who may not desire anything is not offered to', async () => {
  platform({ ...answers, 'GET /api/v1/auth/me': () => json({ ...ME, permissions: ['devices:read'] }) });
  show(pages, '/');
  await screen.findByRole('table', { name: 'Shadow' });
  expect(screen.queryByRole('button', { name: 'Edit desired' })).toBeNull();
});
