import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import { signIn } from '@/api/session';
import { json, ME, platform, show } from '@/test/render';
import { AlertsPage } from './AlertsPage';
import { alert, counts } from './testAlerts';

const pages = { '/alerts': <AlertsPage />, '/alerts/:alert': <h1>One alert</h1> };
const list = (...ids: number[]) => ({
  alerts: ids.map((id) => alert(id)),
  count: ids.length,
  next_cursor: null,
  counts,
});
const answers = (...ids: number[]) => {
  let open = ids;
  const without = async (request: Request) => {
    const done = ((await request.json()) as { ids: number[] }).ids;
    open = open.filter((id) => !done.includes(id));
    return json({ changed: done.length, unchanged: 0, refused: [] });
  };
  return {
    'GET /api/v1/alerts': () => json(list(...open)),
    'GET /api/v1/alerts/counts': () => json(counts),
    'POST /api/v1/alerts/acknowledge': without,
    'POST /api/v1/alerts/resolve': without,
  };
};
const press = (key: string) => act(() => void fireEvent.keyDown(document.activeElement ?? document.body, { key }));
const row = (id: number) => document.querySelector<HTMLElement>(`[data-alert='${id}']`);
const posted = (asked: Request[], what: string) =>
  Promise.all(asked.filter(({ url, method }) => method === 'POST' && url.endsWith(what)).map((each) => each.json()));

beforeEach(() => signIn('admin x'));

test('the tabs count, and the platform is asked for what is open', async () => {
  const asked = platform(answers(41));
  show(pages, '/alerts?severity=major&text=hot');
  await screen.findByText('boiler-41 is too hot');
  await within(screen.getByRole('tab', { name: /Acknowledged/ })).findByText('2');
  const query = new URL(asked.find(({ url }) => url.includes('/alerts?'))!.url).searchParams;
  expect(Object.fromEntries(query)).toEqual({ state: 'active', severity: 'major,critical', q: 'hot', limit: '50' });
});

test('keys move, acknowledge and open; the next alert takes the place of one that is done', async () => {
  const asked = platform(answers(43, 42, 41));
  const { router } = show(pages, '/alerts');
  await screen.findByText('boiler-43 is too hot');
  press('j');
  press('j');
  expect(row(42)!.dataset.current).toBe('true');
  press('a');
  await waitFor(() => expect(row(42)).toBeNull());
  await waitFor(() => expect(row(41)!.dataset.current).toBe('true'));
  expect(await posted(asked, '/acknowledge')).toEqual([{ ids: [42], reason: null }]);
  press('k');
  expect(document.activeElement?.getAttribute('href')).toBe('/alerts/43');
  press('o');
  await screen.findByRole('heading', { name: 'One alert' });
  expect(router.state.location.pathname).toBe('/alerts/43');
});

test('what is selected is resolved together, with one reason', async () => {
  const asked = platform(answers(43, 42, 41));
  show(pages, '/alerts');
  await screen.findByText('boiler-43 is too hot');
  for (const key of ['j', 'x', 'j', 'x']) press(key);
  screen.getByText('2 selected');
  press('R');
  fireEvent.change(await screen.findByLabelText('Reason'), { target: { value: 'fan replaced' } });
  fireEvent.keyDown(screen.getByLabelText('Reason'), { key: 'Enter' });
  await waitFor(() => expect(row(43)).toBeNull());
  expect(row(41)).not.toBeNull();
  expect(await posted(asked, '/resolve')).toEqual([{ ids: [43, 42], reason: 'fan replaced' }]);
});

test('typing into the search does nothing to alerts', async () => {
  const asked = platform(answers(41));
  show(pages, '/alerts');
  await screen.findByText('boiler-41 is too hot');
  press('j');
  const search = screen.getByLabelText('Search alerts');
  search.focus();
  press('a');
  press('r');
  expect(screen.queryByRole('dialog')).toBeNull();
  expect(asked.filter(({ method }) => method === 'POST')).toEqual([]);
});

test('who may only read is offered nothing to do', async () => {
  const reader = { ...ME, permissions: ['alerts:read'] };
  platform({ ...answers(41), 'GET /api/v1/auth/me': () => json(reader) });
  show(pages, '/alerts');
  await screen.findByText('boiler-41 is too hot');
  expect(screen.queryByRole('button', { name: 'Acknowledge' })).toBeNull();
  expect(screen.queryByRole('checkbox')).toBeNull();
});

test('an empty inbox says so, and an empty search how to see all', async () => {
  platform(answers());
  show(pages, '/alerts');
  await screen.findByText('Nothing needs you');
  const search = screen.getByLabelText('Search alerts');
  fireEvent.change(search, { target: { value: 'no such' } });
  fireEvent.click(await screen.findByRole('button', { name: 'Show all open alerts' }));
  await screen.findByText('Nothing needs you');
});

test('what is pending is listed with when it is due', async () => {
  const due = { device_id: 7, device_name: 'boiler-7', rule_id: 3, rule_version: 1, rule_name: 'Too hot for long' };
  const since = new Date(Date.now() - 60_000).toISOString();
  const at = new Date(Date.now() + 240_000).toISOString();
  const pending = [{ ...due, organization_id: 1, severity: 'major', shadow: false, pending_since: since, due_at: at }];
  const asked = platform({
    ...answers(),
    'GET /api/v1/alerts/pending': () => json({ pending, count: 1, next_cursor: null }),
  });
  show(pages, '/alerts?tab=pending&device=boiler-7');
  await screen.findByText('Too hot for long');
  expect(screen.getByText(/^in [34] min/)).toBeDefined();
  expect(screen.queryByLabelText('Search alerts')).toBeNull();
  expect(asked.find(({ url }) => url.includes('/alerts/pending'))!.url).toContain('device=boiler-7');
});
