import { isPlace, type Place } from '@/map/earth';
import { exact, MOST_POINTS, opened, radiusOf, type Shape } from './shape';

type Json = Readonly<Record<string, unknown>>;

/** A shape with the name that it came with, if it had one. */
export interface Read {
  readonly name: string | null;
  readonly shape: Shape;
}

/** Characters of GeoJSON that are read at most. */
const MOST_CHARACTERS = 1_000_000;

/** A shape as GeoJSON (RFC 7946): longitude first, the first point again at the end; a circle is a point. */
export function featureOf(name: string, shape: Shape): Json | null {
  if (shape.kind === 'circle') {
    if (!shape.center) return null;
    return feature({ name, radius_m: shape.radius }, 'Point', pair(shape.center));
  }
  if (shape.points.length < 3) return null;
  return feature({ name }, 'Polygon', [[...shape.points, shape.points[0]!].map(pair)]);
}

export const collectionOf = (features: readonly (Json | null)[]): Json => ({
  type: 'FeatureCollection',
  features: features.filter((it) => it !== null),
});

const feature = (properties: Json, type: string, coordinates: unknown): Json => ({
  type: 'Feature',
  properties,
  geometry: { type, coordinates },
});

const pair = ({ latitude, longitude }: Place) => [longitude, latitude];

/**
 * Reads what map programs write. A file with several shapes is read as the first of them that is an area.
 *
 * @throws Error that says what to do instead, in a sentence
 */
export function readGeoJson(text: string): Read {
  if (text.length > MOST_CHARACTERS) throw new Error('This is longer than a million characters: keep one shape of it.');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (failure) {
    throw new Error(`This is no JSON: ${failure instanceof Error ? failure.message : String(failure)}`);
  }
  const its = record(json);
  const candidates = its.type === 'FeatureCollection' && Array.isArray(its.features) ? its.features.map(record) : [its];
  const refusals: string[] = [];
  for (const candidate of candidates) {
    try {
      return readFeature(candidate);
    } catch (failure) {
      refusals.push((failure as Error).message);
    }
  }
  throw new Error(refusals[0] ?? 'There is nothing in this collection.');
}

function readFeature(json: Json): Read {
  const isFeature = json.type === 'Feature';
  const geometry = isFeature ? record(json.geometry) : json;
  const properties = isFeature ? record(json.properties) : {};
  const name = typeof properties.name === 'string' ? properties.name.trim().slice(0, 128) || null : null;
  return { name, shape: readGeometry(geometry, properties) };
}

function readGeometry({ type, coordinates }: Json, properties: Json): Shape {
  switch (type) {
    case 'Polygon':
      return readRings(list(coordinates));
    case 'MultiPolygon': {
      const parts = list(coordinates);
      if (parts.length !== 1) throw new Error('This has several areas: make a geofence of each.');
      return readRings(list(parts[0]));
    }
    case 'LineString':
      return readRings([coordinates]);
    case 'Point': {
      const radius = properties.radius_m ?? properties.radius;
      if (typeof radius !== 'number' || !(radius > 0))
        throw new Error('A point is a circle only with its radius in metres: add "radius_m" to its properties.');
      return { kind: 'circle', center: readPlace(coordinates), radius: radiusOf(radius) };
    }
    default:
      throw new Error('This is no GeoJSON of an area: it takes a Polygon, or a Point with "radius_m".');
  }
}

function readRings(rings: readonly unknown[]): Shape {
  if (rings.length > 1)
    throw new Error("There are no holes in geofences: make one of the hole, and say inside('…') && !inside('…').");
  const points = opened(list(rings[0]).map(readPlace));
  if (points.length < 3) throw new Error('A polygon has three points or more.');
  if (points.length > MOST_POINTS)
    throw new Error(`This has ${points.length} points, and ${MOST_POINTS} are the most: simplify it first.`);
  return { kind: 'polygon', points };
}

function readPlace(position: unknown): Place {
  const [longitude, latitude] = list(position);
  if (!isPlace(latitude, longitude))
    throw new Error(
      `${JSON.stringify(position)?.slice(0, 60)} is no place: longitude first, then latitude, in degrees.`,
    );
  return exact({ latitude: latitude as number, longitude: longitude as number });
}

const record = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
