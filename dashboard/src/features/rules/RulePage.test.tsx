import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';
import { signIn } from '@/api/session';
import { json, platform, show } from '@/test/render';
import { NewRulePage, RulePage } from './RulePage';
import { RulesPage } from './RulesPage';

const kept = {
  id: 3,
  organization_id: 1,
  version: 2,
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-02T00:00:00Z',
  name: 'Too hot',
  severity: 'major',
  condition: { type: 'threshold_high', metric: 'temperature', threshold: 30, hold: '5m' },
};
const language = { words: [], metrics: ['humidity', 'temperature'], limits: {} };
const answers = {
  'GET /api/v1/rules/language': () => json(language),
  'POST /api/v1/rules/check': () => json({ mistakes: [] }),
  'GET /api/v1/admin/stats': () => json({ devices: { by_type: {} } }),
  'GET /api/v1/channels': () => json({ channels: [], count: 0, next_cursor: null }),
  'GET /api/v1/rules': () => json({ rules: [kept], count: 1, next_cursor: null }),
  'GET /api/v1/rules/3': () => json(kept),
  'GET /api/v1/alerts': () => json({ alerts: [{ rule_id: 3 }, { rule_id: 3 }, { rule_id: 9 }], next_cursor: null }),
};
const pages = { '/rules': <RulesPage />, '/rules/new': <NewRulePage />, '/rules/:rule': <RulePage /> };

beforeEach(() => signIn('admin x'));
// The form has many fields, and a busy machine is slow to draw them.
vi.setConfig({ testTimeout: 20_000 });

test('the list says in words what each rule waits for, and how many of its alerts are open', async () => {
  platform(answers);
  show(pages, '/rules');
  const row = (await screen.findByText('Too hot')).closest('tr')!;
  within(row).getByText('temperature above 30 for 5m');
  within(row).getByText('all devices');
  expect((await within(row).findByRole('link', { name: '2' })).getAttribute('href')).toBe('/alerts?rule=3');
});

test('what is refused is said at its field, until that is changed', async () => {
  platform({
    ...answers,
    'POST /api/v1/rules': () =>
      json(
        {
          title: 'Not accepted',
          detail: 'condition.metric: is missing',
          errors: [{ field: 'condition.metric', detail: 'is no name of a metric' }],
        },
        422,
      ),
  });
  show(pages, '/rules/new');
  fireEvent.change(await screen.findByLabelText('Name'), { target: { value: 'Hot' } });
  fireEvent.click(await screen.findByRole('button', { name: 'Create' }));
  const metric = screen.getByLabelText('Metric', { selector: 'input[type="text"], input:not([type])' });
  await waitFor(() => expect(metric.getAttribute('aria-invalid')).toBe('true'));
  fireEvent.change(metric, { target: { value: 'temperature' } });
  await waitFor(() => expect(metric.getAttribute('aria-invalid')).toBeNull());
});

test('a change is saved over the version that was read, with all that the form does not show', async () => {
  let stored: object = { ...kept, of_the_future: { x: 1 } };
  const asked = platform({
    ...answers,
    'GET /api/v1/rules/3': () => json(stored),
    'PUT /api/v1/rules/3': async (request) => {
      stored = { ...kept, ...(await request.json()), version: 3 };
      return json(stored);
    },
  });
  show(pages, '/rules/3');
  fireEvent.change(await screen.findByLabelText('Above'), { target: { value: '31' } });
  fireEvent.click(await screen.findByRole('button', { name: 'Save' }));
  await screen.findByText('Version 3');
  const put = asked.find((request) => request.method === 'PUT')!;
  expect(put.headers.get('If-Match')).toBe('"2"');
  expect(await put.json()).toEqual({
    name: 'Too hot',
    severity: 'major',
    condition: { ...kept.condition, threshold: 31 },
    of_the_future: { x: 1 },
  });
});

test('a page with changes is not left unasked', async () => {
  platform(answers);
  const { router } = show(pages, '/rules/3');
  fireEvent.change(await screen.findByLabelText('Name'), { target: { value: 'Hotter' } });
  void router.navigate('/rules');
  await screen.findByText('Leave without saving?', undefined, { timeout: 5_000 });
  expect(router.state.location.pathname).toBe('/rules/3');
});

test('who may only read sees the rule, and no way to change it', async () => {
  platform({
    ...answers,
    'GET /api/v1/auth/me': () => json({ name: 'eva', role: 'reader', organization_id: 1, permissions: ['rules:read'] }),
  });
  show(pages, '/rules/3');
  const name = await screen.findByLabelText('Name');
  expect((name as HTMLInputElement).readOnly).toBe(true);
  expect(screen.queryByRole('button', { name: 'Save' })).toBeNull();
  expect(screen.queryByRole('tab', { name: 'Replay' })).toBeNull();
});
