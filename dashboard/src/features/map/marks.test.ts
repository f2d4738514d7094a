import { expect, test } from 'vitest';
import type { FeedEvent } from '@/live/feed';
import { boxFor, boxWord, type FleetMap, marksOf, newsIn, placeIn } from './marks';

const event = (type: FeedEvent['type'], more: object): FeedEvent => ({
  type,
  device_id: 7,
  device_name: 'van-1',
  timestamp: '2026-01-01T00:00:00Z',
  ...more,
});

test('GeoJSON has the longitude first, and a cluster says how many it stands for', () => {
  const map = {
    type: 'FeatureCollection',
    features: [
      {
        type: 'Feature',
        id: 7,
        geometry: { type: 'Point', coordinates: [13.4, 52.5] },
        properties: { cluster: false, name: 'van-1', device_type: 'van', is_online: true, severity: 'major' },
      },
      {
        type: 'Feature',
        geometry: { type: 'Point', coordinates: [-1, 2] },
        properties: { cluster: true, count: 12, online: 3 },
      },
    ],
    count: 13,
    clustered: true,
    complete: true,
  } as FleetMap;
  expect(marksOf(map)).toEqual([
    {
      kind: 'device',
      at: { latitude: 52.5, longitude: 13.4 },
      id: 7,
      name: 'van-1',
      type: 'van',
      isOnline: true,
      severity: 'major',
    },
    { kind: 'cluster', at: { latitude: 2, longitude: -1 }, count: 12, online: 3, alerting: 0, severity: null },
  ]);
});

test('a position is found under any of its names, the first pair first', () => {
  expect(placeIn({ lat: 1, lng: 2 })).toEqual({ latitude: 1, longitude: 2 });
  expect(placeIn({ lat: 1, lng: 2, 'gps.latitude': 3, 'gps.longitude': 4 })).toEqual({ latitude: 3, longitude: 4 });
  expect(placeIn({ latitude: 999, longitude: 0, lat: 1, lon: 2 })).toEqual({ latitude: 1, longitude: 2 });
  expect(placeIn({ latitude: null, longitude: null })).toBeNull();
});

test('events say that a device has moved, or come and gone', () => {
  expect(newsIn(event('telemetry', { data: { lat: 1, lon: 2 } }))).toEqual({ at: { latitude: 1, longitude: 2 } });
  expect(newsIn(event('telemetry', { data: { temperature: 20 } }))).toBeNull();
  expect(newsIn(event('device', { event: 'offline', is_online: false }))).toEqual({ isOnline: false });
  expect(newsIn(event('device', { event: 'heartbeat' }))).toBeNull();
});

test('a little movement asks for nothing new, a jump or a zoom does', () => {
  const seen = { west: 10, south: 50, east: 14, north: 54 };
  const asked = boxFor(seen, null);
  expect(boxWord(asked)).toBe('9,49,15,55');
  expect(boxFor({ west: 10.5, south: 50.5, east: 14.5, north: 54.5 }, asked)).toBe(asked);
  expect(boxFor({ west: 12, south: 52, east: 16, north: 56 }, asked)).not.toBe(asked);
  expect(boxFor({ west: 11.9, south: 51.9, east: 12, north: 52 }, asked)).not.toBe(asked);
  expect(boxWord(boxFor({ west: -180, south: -90, east: 180, north: 90 }, null))).toBe('-180,-90,180,90');
});
