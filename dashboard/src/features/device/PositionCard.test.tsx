import { fireEvent, screen, waitFor } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import { signIn } from '@/api/session';
import { json, platform, show } from '@/test/render';
import { PositionCard } from './PositionCard';
import { trackOf } from './track';

const times = { organization_id: 1, created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z' };
const geofences = [
  { id: 1, name: 'yard', circle: { latitude: 52.52, longitude: 13.405, radius_m: 250 }, ...times },
  { id: 2, name: 'harbour', circle: { latitude: 0, longitude: 0, radius_m: 250 }, ...times },
];

beforeEach(() => signIn('admin x'));

const properties = {
  device_id: 7,
  device_name: 'van-1',
  from: '2026-01-01T00:00:00Z',
  to: '2026-01-01T01:00:00Z',
  positions: 120,
  simplified: true,
  times: ['2026-01-01T00:00:00Z', '2026-01-01T00:10:00Z', '2026-01-01T00:20:00Z'],
};
const track = {
  type: 'Feature',
  id: 7,
  geometry: {
    type: 'LineString',
    coordinates: [
      [13.4, 52.51],
      [13.41, 52.515],
      [13.405, 52.52],
    ],
  },
  properties,
};
const position = { latitude: 52.5201, longitude: 13.405, source: 'telemetry', timestamp: '2026-01-01T00:20:00Z' };
const answers = {
  'GET /api/v1/geofences': () => json({ geofences, count: 2, next_cursor: null }),
  'GET /api/v1/devices/7/position': () => json({ device_id: 7, device_name: 'van-1', position }),
  'GET /api/v1/devices/7/track': () => json(track),
};
const range = { kind: 'last', preset: '1h' } as const;
const van = { id: 7, name: 'van-1' };

test('a device is shown where it is, and told which geofences it is within', async () => {
  platform(answers);
  show({ '/': <PositionCard device={van} range={range} fresh={{}} /> }, '/');
  await screen.findByText('52.52010, 13.40500, inside of yard');
  expect(screen.getByRole('img', { name: /^van-1 is at/ })).toBeTruthy();
  expect(screen.getByRole('link', { name: 'harbour' })).toBeTruthy();
});

test('its track is drawn, and gone along in time', async () => {
  const asked = platform(answers);
  const { container } = show({ '/': <PositionCard device={van} range={range} fresh={{}} /> }, '/');
  await screen.findByText(/^120 positions in the last hour/);
  const query = new URL(asked.find(({ url }) => url.includes('/track'))!.url).searchParams;
  expect(Date.parse(query.get('to')!) - Date.parse(query.get('from')!)).toBe(3_600_000);
  // The track, and on to where it is now.
  expect(container.querySelector('polyline')!.getAttribute('points')!.split(' ')).toHaveLength(4);
  const slider = screen.getByRole('slider', { name: 'Position along the track' });
  expect(slider.getAttribute('aria-valuetext')).toContain('52.52000, 13.40500');
  fireEvent.keyDown(slider, { key: 'ArrowLeft' });
  await waitFor(() =>
    expect(slider.getAttribute('aria-valuetext')).toBe('2026-01-01T00:10:00.000Z, 52.51500, 13.41000'),
  );
});

test('what it has said since is where it is', async () => {
  platform(answers);
  const at = Date.parse('2026-01-01T00:21:00Z');
  const fresh = { 'gps.lat': { value: 1, at }, 'gps.lng': { value: 2, at } };
  show({ '/': <PositionCard device={van} range={range} fresh={fresh} /> }, '/');
  await screen.findByText('1.00000, 2.00000');
});

test('a device whose position is not known has no map', async () => {
  const asked = platform({
    ...answers,
    'GET /api/v1/devices/7/position': () => json({ device_id: 7, device_name: 'van-1', position: null }),
  });
  const { container } = show({ '/': <PositionCard device={van} range={range} fresh={{}} /> }, '/');
  await waitFor(() => expect(asked).toHaveLength(1));
  expect(container.querySelector('svg')).toBeNull();
});

test('a track over the line of 180 degrees is two lines without times', () => {
  const geometry = {
    type: 'MultiLineString',
    coordinates: [
      [
        [179, 0],
        [180, 1],
      ],
      [
        [-180, 1],
        [-179, 2],
      ],
    ],
  } as Parameters<typeof trackOf>[0]['geometry'];
  const cut = trackOf({ geometry, properties });
  expect(cut.lines.map((line) => line.map(({ longitude }) => longitude))).toEqual([
    [179, 180],
    [-180, -179],
  ]);
  expect(cut.fixes).toEqual([]);
  expect(trackOf({ geometry: null, properties }).lines).toEqual([]);
});
