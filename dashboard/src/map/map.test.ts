import { expect, test } from 'vitest';
import { away, distance, rim } from './earth';
import { EVERYTHING, linesOf, metresWords, panned, placeOf, rulerOf, spotOf, viewOf, zoomed } from './view';

const SIZE = { width: 600, height: 400 };
const BERLIN = { latitude: 52.52, longitude: 13.405 };

test('a place is drawn where it is found again', () => {
  const view = { ...BERLIN, scale: 3 };
  for (const spot of [
    { x: 0, y: 0 },
    { x: 600, y: 400 },
    { x: 123, y: 77 },
  ]) {
    const there = spotOf(placeOf(spot, view, SIZE), view, SIZE);
    expect(there.x).toBeCloseTo(spot.x, 6);
    expect(there.y).toBeCloseTo(spot.y, 6);
  }
  expect(spotOf(BERLIN, view, SIZE)).toEqual({ x: 300, y: 200 });
});

test('a pixel is as many metres as the scale says, to the north and to the east', () => {
  const view = { ...BERLIN, scale: 10 };
  const north = placeOf({ x: 300, y: 100 }, view, SIZE);
  const east = placeOf({ x: 400, y: 200 }, view, SIZE);
  expect(distance(BERLIN, north)).toBeCloseTo(1000, 0);
  expect(distance(BERLIN, east)).toBeCloseTo(1000, 0);
});

test('zooming leaves what is under the pointer where it is', () => {
  const view = { ...BERLIN, scale: 10 };
  const at = { x: 450, y: 120 };
  const before = placeOf(at, view, SIZE);
  const after = placeOf(at, zoomed(view, 2, at, SIZE), SIZE);
  expect(distance(before, after)).toBeLessThan(1);
  expect(zoomed(view, 2, at, SIZE).scale).toBe(5);
});

test('no view leaves the earth, nor comes closer or farther than makes sense', () => {
  expect(panned(EVERYTHING, 1e9, 1e9)).toEqual({ latitude: 90, longitude: -180, scale: EVERYTHING.scale });
  expect(zoomed(EVERYTHING, 1e-9, { x: 0, y: 0 }, SIZE).scale).toBe(80_000);
  expect(zoomed(EVERYTHING, 1e12, { x: 300, y: 200 }, SIZE).scale).toBe(0.02);
});

test('what is fitted is seen, also a single place', () => {
  const places = [BERLIN, { latitude: 48.14, longitude: 11.58 }, { latitude: 53.55, longitude: 9.99 }];
  const view = viewOf(places, SIZE)!;
  for (const place of places) {
    const { x, y } = spotOf(place, view, SIZE);
    expect(x >= 0 && x <= 600 && y >= 0 && y <= 400).toBe(true);
  }
  expect(viewOf([BERLIN], SIZE)).toEqual({ ...BERLIN, scale: 2 });
  expect(viewOf([], SIZE)).toBeNull();
});

test('every place of a rim is as far away as the radius, over a pole as well', () => {
  for (const center of [BERLIN, { latitude: 89.9, longitude: 0 }, { latitude: 0, longitude: 179.9 }]) {
    for (const place of rim(center, 25_000)) expect(distance(center, place)).toBeCloseTo(25_000, 3);
  }
  expect(away({ latitude: 0, longitude: 0 }, 111_195, 90).longitude).toBeCloseTo(1, 3);
});

test('lines and the ruler have numbers that are easy to read', () => {
  const labels = linesOf('latitude', { ...BERLIN, scale: 10 }, SIZE).map(({ label }) => label);
  expect(labels).toEqual(['52.51° N', '52.52° N', '52.53° N']);
  expect(linesOf('longitude', EVERYTHING, SIZE).map(({ label }) => label)).toContain('0°');
  expect(linesOf('latitude', EVERYTHING, SIZE).every(({ at }) => Math.abs(at) <= 90)).toBe(true);
  expect(rulerOf({ ...BERLIN, scale: 10 })).toEqual({ pixels: 100, words: '1 km' });
  expect([0.4, 7, 250, 1500, 20_000_000].map(metresWords)).toEqual(['40 cm', '7 m', '250 m', '1.5 km', '20,000 km']);
});
