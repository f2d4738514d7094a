import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';
import { signIn } from '@/api/session';
import { json, platform, show } from '@/test/render';
import { GeofencePage, NewGeofencePage } from './GeofencePage';
import { GeofencesPage } from './GeofencesPage';

const times = { created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z' };
const yard = {
  id: 4,
  organization_id: 1,
  name: 'yard',
  circle: { latitude: 52.52, longitude: 13.405, radius_m: 250 },
  ...times,
};
const harbour = {
  id: 5,
  organization_id: 1,
  name: 'harbour',
  polygon: [
    [53.54, 9.96],
    [53.54, 10.01],
    [53.51, 10.01],
  ],
  ...times,
};
const tagged = (body: unknown, tag: string, status = 200) => {
  const answer = json(body, status);
  answer.headers.set('ETag', tag);
  return answer;
};
const answers = {
  'GET /api/v1/geofences': () => json({ geofences: [yard, harbour], count: 2, next_cursor: null }),
  'GET /api/v1/geofences/4': () => tagged(yard, '"7"'),
  'GET /api/v1/geofences/5': () => tagged(harbour, '"1"'),
  'GET /api/v1/admin/devices': () =>
    json({ devices: [{ id: 1, name: 'van-1' }], count: 1, total: 1, total_at_least: 1 }),
  'GET /api/v1/telemetry/van-1/latest': () => json({ latest_data: { latitude: 52.5201, longitude: 13.405 } }),
};
const pages = {
  '/geofences': <GeofencesPage />,
  '/geofences/new': <NewGeofencePage />,
  '/geofences/:geofence': <GeofencePage />,
};

beforeEach(() => signIn('admin x'));
vi.setConfig({ testTimeout: 20_000 });

const clickMap = (x: number, y: number) => {
  const map = screen.getByLabelText(/^Map of/);
  fireEvent.pointerDown(map, { button: 0, pointerId: 1, clientX: x, clientY: y });
  fireEvent.pointerUp(map, { button: 0, pointerId: 1, clientX: x, clientY: y });
};

test('the list says what each covers, and which devices are within', async () => {
  platform(answers);
  show(pages, '/geofences');
  const table = await screen.findByRole('table', { name: 'Geofences' });
  within(table).getByRole('link', { name: 'yard' });
  within(table).getByText('circle of 250 m');
  within(table).getByText('polygon of 3 points');
  await within(table).findByText('van-1');
  const map = screen.getByLabelText('Map of all geofences');
  within(map).getByRole('link', { name: 'harbour' });
});

test('a polygon is drawn with clicks, taken back, mended in numbers and created', async () => {
  const asked = platform({
    ...answers,
    'POST /api/v1/geofences': async (request) => tagged({ ...harbour, ...(await request.json()), id: 5 }, '"1"', 201),
  });
  const { router } = show(pages, '/geofences/new');
  fireEvent.change(await screen.findByLabelText('Name'), { target: { value: 'field' } });
  fireEvent.click(await screen.findByLabelText('Polygon'));
  screen.getByText('Click on the map to set 3 more points.');
  for (const [x, y] of [
    [100, 100],
    [500, 100],
    [500, 300],
    [10, 10],
  ])
    clickMap(x!, y!);
  expect(screen.getAllByLabelText(/^Latitude of point/)).toHaveLength(4);
  fireEvent.click(screen.getByText('Undo'));
  fireEvent.change(screen.getByLabelText('Latitude of point 1'), { target: { value: '1.5' } });
  fireEvent.click(screen.getByText('Create'));
  await waitFor(() => expect(router.state.location.pathname).toBe('/geofences/5'));
  const body = await asked.find(({ method }) => method === 'POST')!.json();
  expect(body.name).toBe('field');
  expect(body.polygon).toHaveLength(3);
  expect(body.polygon[0][0]).toBe(1.5);
});

test('a point is moved by its handle with a pointer and with keys, and removed', async () => {
  platform(answers);
  show(pages, '/geofences/5');
  const point = await screen.findByLabelText('Point 1');
  const latitude = () => Number((screen.getByLabelText('Latitude of point 1') as HTMLInputElement).value);
  expect(latitude()).toBe(53.54);
  fireEvent.keyDown(point, { key: 'ArrowUp' });
  expect(latitude()).toBeGreaterThan(53.54);
  fireEvent.click(screen.getByText('Undo'));
  expect(latitude()).toBe(53.54);
  fireEvent.pointerDown(point, { button: 0, pointerId: 1 });
  fireEvent.pointerMove(point, { pointerId: 1, clientX: 10, clientY: 390 });
  fireEvent.pointerMove(point, { pointerId: 1, clientX: 20, clientY: 380 });
  fireEvent.pointerUp(point, { pointerId: 1 });
  expect(latitude()).toBeLessThan(53.52);
  // The whole drag is one step.
  fireEvent.click(screen.getByText('Undo'));
  expect(latitude()).toBe(53.54);
  fireEvent.keyDown(screen.getByLabelText('A new point after point 1'), { key: 'Enter' });
  expect(screen.getAllByLabelText(/^Point \d/)).toHaveLength(4);
  fireEvent.keyDown(screen.getByLabelText('Point 2'), { key: 'Delete' });
  expect(screen.getAllByLabelText(/^Point \d/)).toHaveLength(3);
});

test('a change is saved over what was read, and a refused name is said at its field', async () => {
  const asked = platform({
    ...answers,
    'PUT /api/v1/geofences/4': () =>
      json({ title: 'Not accepted', detail: 'x', errors: [{ field: 'name', detail: 'is taken' }] }, 422),
  });
  show(pages, '/geofences/4');
  const radius = await screen.findByLabelText('Radius in metres');
  await screen.findByText('inside');
  fireEvent.change(radius, { target: { value: '5' } });
  await screen.findByText('outside');
  fireEvent.click(screen.getByText('Save'));
  await waitFor(() => expect(screen.getByLabelText('Name').getAttribute('aria-invalid')).toBe('true'));
  const put = asked.find(({ method }) => method === 'PUT')!;
  expect(put.headers.get('If-Match')).toBe('"7"');
  expect(await put.json()).toEqual({ name: 'yard', circle: { ...yard.circle, radius_m: 5 } });
});

test('pasted GeoJSON takes the place of the drawing, and what is none is refused', async () => {
  platform(answers);
  show(pages, '/geofences/4');
  fireEvent.click(await screen.findByRole('button', { name: 'Paste' }));
  const dialog = await screen.findByRole('dialog');
  const text = await within(dialog).findByLabelText('GeoJSON');
  const take = within(dialog).getByRole('button', { name: 'Take it' });
  fireEvent.change(text, { target: { value: '{"type":"Point","coordinates":[1,2]}' } });
  fireEvent.click(take);
  within(dialog).getByText(/add "radius_m"/);
  fireEvent.change(text, {
    target: { value: '{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}' },
  });
  fireEvent.click(take);
  expect(screen.getAllByLabelText(/^Latitude of point/)).toHaveLength(3);
});

test('who may only read sees the map, and nothing to draw with', async () => {
  platform({
    ...answers,
    'GET /api/v1/auth/me': () => json({ name: 'eva', role: 'reader', organization_id: 1, permissions: ['rules:read'] }),
  });
  show(pages, '/geofences/5');
  await screen.findByLabelText('Map of harbour');
  expect(screen.queryByText('Save')).toBeNull();
  expect(screen.queryByLabelText(/^Point \d/)).toBeNull();
  expect((screen.getByLabelText('Name') as HTMLInputElement).readOnly).toBe(true);
});
