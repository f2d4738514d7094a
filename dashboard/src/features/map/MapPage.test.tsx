import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import { signIn } from '@/api/session';
import { json, platform, show } from '@/test/render';
import { MapPage } from './MapPage';

const times = { organization_id: 1, created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z' };
const yard = { id: 4, name: 'yard', circle: { latitude: 52.52, longitude: 13.405, radius_m: 250 }, ...times };
const device = (id: number, name: string, more: object = {}) => ({
  type: 'Feature',
  id,
  geometry: { type: 'Point', coordinates: [13.4 + id / 1_000, 52.52] },
  properties: {
    cluster: false,
    name,
    device_type: 'van',
    status: 'active',
    is_online: true,
    source: 'telemetry',
    timestamp: null,
    severity: null,
    ...more,
  },
});
const cluster = {
  type: 'Feature',
  geometry: { type: 'Point', coordinates: [13.41, 52.53] },
  properties: { cluster: true, count: 120, online: 80, alerting: 2, severity: 'critical' },
};
const map = (features: object[], count = features.length) =>
  json({ type: 'FeatureCollection', features, count, clustered: count > features.length, complete: true });
const answers = {
  'GET /api/v1/geofences': () => json({ geofences: [yard], count: 1, next_cursor: null }),
  'GET /api/v1/map/tiles': () => json({ tiles: null, attribution: '', max_zoom: 19 }),
  'GET /api/v1/map': () =>
    map([device(1, 'van-1'), device(2, 'van-2', { is_online: false }), device(3, 'van-3', { severity: 'major' })]),
};
const pages = { '/map': <MapPage />, '/devices/:device': <p>the device</p>, '/geofences/:geofence': <p>the area</p> };

beforeEach(() => signIn('admin x'));

test('devices are links that say what they are, and geofences lie below', async () => {
  platform(answers);
  const { router } = show(pages, '/map');
  const shown = await screen.findByRole('group', { name: 'Map of the fleet' });
  expect(within(shown).getByRole('link', { name: 'van-1, online' })).toBeTruthy();
  expect(within(shown).getByRole('link', { name: 'van-2, offline' })).toBeTruthy();
  expect(await within(shown).findByRole('link', { name: 'Geofence yard' })).toBeTruthy();
  const alerting = within(shown).getByRole('link', { name: 'van-3, online, major alert' });
  expect(alerting.querySelector('[data-severity="major"]')).toBeTruthy();
  fireEvent.click(alerting);
  await screen.findByText('the device');
  expect(router.state.location.pathname).toBe('/devices/3');
});

test('a filter is asked of the platform, and what is wrong with it is said', async () => {
  const asked = platform({
    ...answers,
    'GET /api/v1/map': ({ url }) =>
      new URL(url).searchParams.get('filter') === 'device.type ==='
        ? json({ title: 'Invalid', detail: 'filter: something is missing', status: 422 }, 422)
        : map([device(1, 'van-1')]),
  });
  const { router } = show(pages, "/map?filter=device.type === 'van'");
  await screen.findByText('1 device found');
  expect(new URL(asked.find(({ url }) => url.includes('/map?'))!.url).searchParams.get('filter')).toBe(
    "device.type === 'van'",
  );
  fireEvent.change(screen.getByLabelText('Filter'), { target: { value: 'device.type ===' } });
  await screen.findByText('filter: something is missing');
  expect(router.state.location.search).toContain('filter=');
});

test('many devices are one mark that goes closer', async () => {
  platform({ ...answers, 'GET /api/v1/map': () => map([cluster, device(1, 'van-1')], 121) });
  show(pages, '/map');
  const shown = await screen.findByRole('group', { name: 'Map of the fleet' });
  const mark = within(shown).getByRole('link', { name: '120 devices, 80 online, 2 with open alerts: go closer' });
  expect(mark.textContent).toContain('120');
  expect(within(shown).getByRole('link', { name: 'van-1, online' })).toBeTruthy();
  fireEvent.click(mark);
  // What is not seen any more is not drawn.
  await waitFor(() => expect(within(shown).queryByRole('link', { name: 'van-1, online' })).toBeNull());
});

test('where no device is on the map, it is said how one comes there', async () => {
  platform({
    ...answers,
    'GET /api/v1/geofences': () => json({ geofences: [], count: 0, next_cursor: null }),
    'GET /api/v1/map': () => map([]),
  });
  show(pages, '/map');
  await screen.findByText('No device is on the map yet');
});

test('tiles lie below the map where they are configured, and their owner is named', async () => {
  platform({
    ...answers,
    'GET /api/v1/map/tiles': () =>
      json({
        tiles: 'https://tile.example.org/{z}/{x}/{y}.png',
        attribution: '© Map makers, https://example.org/copyright',
        max_zoom: 19,
      }),
  });
  const { container } = show(pages, '/map');
  const link = await screen.findByRole('link', { name: 'example.org/copyright' });
  expect(link.getAttribute('href')).toBe('https://example.org/copyright');
  const image = container.querySelector('img')!;
  expect(image.getAttribute('src')).toMatch(/^https:\/\/tile\.example\.org\/\d+\/\d+\/\d+\.png$/);
  expect(image.getAttribute('referrerpolicy')).toBe('strict-origin');
});
