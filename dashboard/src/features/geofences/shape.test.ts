import { expect, test } from 'vitest';
import { distance } from '@/map/earth';
import { positionIn } from './api';
import { collectionOf, featureOf, readGeoJson } from './geojson';
import {
  bodyOf,
  clicked,
  crossingOf,
  handleOf,
  missingOf,
  NOTHING,
  placesOf,
  type Shape,
  shapeOf,
  turnedInto,
  withoutPoint,
  withPoint,
  withPointAfter,
} from './shape';

const place = (latitude: number, longitude: number) => ({ latitude, longitude });
const SQUARE = [place(0, 0), place(0, 1), place(1, 1), place(1, 0)];
const square: Shape = { kind: 'polygon', points: SQUARE };
const circle: Shape = { kind: 'circle', center: place(52.52, 13.405), radius: 250 };

test('a shape is read as the platform sends it, and sent back the same', () => {
  const polygon = SQUARE.map(({ latitude, longitude }) => [latitude, longitude]);
  expect(bodyOf(shapeOf({ polygon: [...polygon, polygon[0]!] }))).toEqual({ polygon });
  const round = { circle: { latitude: 52.52, longitude: 13.405, radius_m: 250 } };
  expect(bodyOf(shapeOf(round))).toEqual(round);
});

test('clicks draw: the centre of a circle, one point after the other of a polygon', () => {
  expect(clicked(NOTHING, place(1.123456789, 2))).toEqual({ ...NOTHING, center: place(1.1234568, 2) });
  expect(missingOf(NOTHING)).toBe('Click on the map to set the centre.');
  let drawn: Shape = { kind: 'polygon', points: [] };
  expect(missingOf(drawn)).toBe('Click on the map to set 3 more points.');
  for (const point of SQUARE) drawn = clicked(drawn, point);
  expect(drawn).toEqual(square);
  expect(missingOf(drawn)).toBeNull();
});

test('points are moved, put between others and taken away, and never leave the earth', () => {
  expect(withPoint(square, 2, place(95, 200))).toEqual({
    kind: 'polygon',
    points: [SQUARE[0], SQUARE[1], place(90, 180), SQUARE[3]],
  });
  expect(placesOf(withPointAfter(square, 3, place(0.5, 0)))).toHaveLength(5);
  expect(withoutPoint(square, 0)).toEqual({ kind: 'polygon', points: SQUARE.slice(1) });
});

test('a circle becomes a polygon around the same place, and back', () => {
  const polygon = turnedInto(circle, 'polygon');
  expect(placesOf(polygon)).toHaveLength(8);
  const again = turnedInto(polygon, 'circle');
  if (again.kind !== 'circle') throw new Error('no circle');
  expect(again.radius).toBeCloseTo(250, 0);
  expect(distance(again.center!, circle.center!)).toBeLessThan(1);
  expect(distance(circle.center!, handleOf(circle.center!, 250))).toBeCloseTo(250, 4);
});

test('edges that cross are found', () => {
  expect(crossingOf(SQUARE)).toBeNull();
  expect(crossingOf([SQUARE[0]!, SQUARE[2]!, SQUARE[1]!, SQUARE[3]!])).toEqual([0, 2]);
});

test('GeoJSON is read as it is written', () => {
  for (const shape of [square, circle]) {
    const text = JSON.stringify(featureOf('yard', shape));
    expect(readGeoJson(text)).toEqual({ name: 'yard', shape });
    expect(readGeoJson(JSON.stringify(collectionOf([null, JSON.parse(text)])))).toEqual({ name: 'yard', shape });
  }
  expect(featureOf('yard', square)).toMatchObject({
    geometry: {
      type: 'Polygon',
      coordinates: [
        [
          [0, 0],
          [1, 0],
          [1, 1],
          [0, 1],
          [0, 0],
        ],
      ],
    },
  });
  expect(featureOf('yard', NOTHING)).toBeNull();
  const ring = [
    [0, 0],
    [1, 0],
    [1, 1],
  ];
  expect(readGeoJson(JSON.stringify({ type: 'Polygon', coordinates: [ring] })).name).toBeNull();
  expect(readGeoJson(JSON.stringify({ type: 'MultiPolygon', coordinates: [[ring]] })).shape.kind).toBe('polygon');
});

test('what is no area is refused, and told what to do instead', () => {
  const refused = (json: unknown, words: RegExp) =>
    expect(() => readGeoJson(typeof json === 'string' ? json : JSON.stringify(json))).toThrow(words);
  const ring = [
    [0, 0],
    [1, 0],
    [1, 1],
  ];
  refused('{', /no JSON/);
  refused('x'.repeat(1_000_001), /longer than a million/);
  refused('null', /no GeoJSON of an area/);
  refused({ type: 'FeatureCollection', features: [] }, /nothing in this collection/);
  refused({ type: 'Point', coordinates: [0, 0] }, /radius_m/);
  refused({ type: 'Polygon', coordinates: [ring, ring] }, /no holes/);
  refused({ type: 'Polygon', coordinates: [ring.slice(1)] }, /three points or more/);
  refused({ type: 'Polygon', coordinates: [[[0, 91], ...ring]] }, /\[0,91\] is no place: longitude first/);
  refused({ type: 'Polygon', coordinates: [Array.from({ length: 1001 }, (_, at) => [at / 10, 0])] }, /simplify/);
  refused({ type: 'MultiPolygon', coordinates: [[ring], [ring]] }, /several areas/);
});

test('a position is what rules take for one', () => {
  expect(positionIn({ latitude: 1, longitude: 2 })).toEqual(place(1, 2));
  expect(positionIn({ latitude: 99, longitude: 2, 'location.latitude': 3, 'location.longitude': 4 })).toEqual(
    place(3, 4),
  );
  expect(positionIn({ lat: 1, lon: 2 })).toBeNull();
  expect(positionIn({ latitude: 'x', longitude: 2 })).toBeNull();
});
