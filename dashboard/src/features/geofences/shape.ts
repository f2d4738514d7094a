import type { Schemas } from '@/api/client';
import { away, distance, onEarth, type Place, rim } from '@/map/earth';
import { metresWords } from '@/map/view';

export type Geofence = Schemas['Geofence'] & { readonly name: string };

/** What a geofence covers, or will when it is drawn to its end. */
export type Shape =
  | { readonly kind: 'circle'; readonly center: Place | null; readonly radius: number }
  | { readonly kind: 'polygon'; readonly points: readonly Place[] };

export type Kind = Shape['kind'];

/** Points that the platform takes at most. */
export const MOST_POINTS = 1_000;
const MOST_RADIUS = 20_000_000;
/** A ten-millionth of a degree is a centimetre; further digits say nothing. */
const DIGITS = 7;

export const NOTHING: Shape = { kind: 'circle', center: null, radius: 250 };

const rounded = (value: number) => Number(value.toFixed(DIGITS));
export const exact = (place: Place): Place => {
  const { latitude, longitude } = onEarth(place);
  return { latitude: rounded(latitude), longitude: rounded(longitude) };
};

/** A radius as it is kept: to the centimetre, and no more than the platform takes. */
export const radiusOf = (metres: number) => Math.min(MOST_RADIUS, Math.max(0.01, Number(metres.toFixed(2))));

export function shapeOf({ circle, polygon }: Pick<Geofence, 'circle' | 'polygon'>): Shape {
  if (circle) return { kind: 'circle', center: circle, radius: circle.radius_m };
  const points = (polygon ?? []).map(([latitude = 0, longitude = 0]) => ({ latitude, longitude }));
  return { kind: 'polygon', points: opened(points) };
}

/** Without the last point where it says the first one again. */
export function opened(points: readonly Place[]): readonly Place[] {
  const [first, last] = [points[0], points[points.length - 1]];
  const isSaidTwice = points.length > 1 && first!.latitude === last!.latitude && first!.longitude === last!.longitude;
  return isSaidTwice ? points.slice(0, -1) : points;
}

/** A shape as the platform takes it. */
export const bodyOf = (shape: Shape): Pick<Geofence, 'circle' | 'polygon'> =>
  shape.kind === 'circle'
    ? { circle: { ...exact(shape.center ?? { latitude: 0, longitude: 0 }), radius_m: shape.radius } }
    : { polygon: shape.points.map(({ latitude, longitude }) => [latitude, longitude]) };

/** What is missing before it can be saved; null, when nothing is. */
export function missingOf(shape: Shape): string | null {
  if (shape.kind === 'circle') return shape.center ? null : 'Click on the map to set the centre.';
  const missing = 3 - shape.points.length;
  if (missing > 0) return `Click on the map to set ${missing === 1 ? 'one more point' : `${missing} more points`}.`;
  return null;
}

/** All places that must be seen for the whole shape to be. */
export const placesOf = (shape: Shape): readonly Place[] =>
  shape.kind === 'polygon' ? shape.points : shape.center ? rim(shape.center, shape.radius, 16) : [];

/** The line around a shape. */
export const outlineOf = (shape: Shape): readonly Place[] =>
  shape.kind === 'polygon' ? shape.points : shape.center ? rim(shape.center, shape.radius) : [];

/** A shape in words, for lists. */
export function shapeWords(shape: Shape): string {
  if (shape.kind === 'circle') return `circle of ${metresWords(shape.radius)}`;
  return `polygon of ${shape.points.length} points`;
}

/** The same area as the other kind, as well as it can be: the way to go on from a circle that is nearly right. */
export function turnedInto(shape: Shape, kind: Kind): Shape {
  if (shape.kind === kind) return shape;
  if (shape.kind === 'circle') {
    const { center, radius } = shape;
    return { kind: 'polygon', points: center ? rim(center, radius, 8).map(exact) : [] };
  }
  const { points } = shape;
  if (points.length === 0) return NOTHING;
  const mean = (axis: keyof Place) => points.reduce((sum, point) => sum + point[axis], 0) / points.length;
  const center = exact({ latitude: mean('latitude'), longitude: mean('longitude') });
  return { kind: 'circle', center, radius: radiusOf(Math.max(...points.map((it) => distance(center, it))) || 250) };
}

/** What a click on the map does: the centre of a circle goes there, a polygon gets one more point. */
export function clicked(shape: Shape, place: Place): Shape {
  if (shape.kind === 'circle') return { ...shape, center: exact(place) };
  return shape.points.length < MOST_POINTS ? { ...shape, points: [...shape.points, exact(place)] } : shape;
}

export const withPoint = (shape: Shape, index: number, place: Place): Shape =>
  shape.kind === 'circle'
    ? { ...shape, center: exact(place) }
    : { ...shape, points: shape.points.map((old, at) => (at === index ? exact(place) : old)) };

export const withPointAfter = (shape: Shape, index: number, place: Place): Shape =>
  shape.kind === 'polygon' && shape.points.length < MOST_POINTS
    ? { ...shape, points: [...shape.points.slice(0, index + 1), exact(place), ...shape.points.slice(index + 1)] }
    : shape;

export const withoutPoint = (shape: Shape, index: number): Shape =>
  shape.kind === 'polygon' ? { ...shape, points: shape.points.filter((_, at) => at !== index) } : shape;

/** Where the handle of a circle's radius is: on its rim, in the east. */
export const handleOf = (center: Place, radius: number): Place => away(center, radius, 90);

export const sameShape = (a: Shape, b: Shape) => JSON.stringify(bodyOf(a)) === JSON.stringify(bodyOf(b));

/**
 * The first two edges of a polygon that cross, as numbers of the points at which they begin; null for none. The
 * platform refuses such ones; here it is seen while they are drawn. Larger polygons are only looked at by the platform.
 */
export function crossingOf(points: readonly Place[]): readonly [number, number] | null {
  if (points.length > 300) return null;
  const end = (index: number) => points[(index + 1) % points.length]!;
  for (let a = 0; a < points.length; a++) {
    for (let b = a + 2; b < points.length; b++) {
      const areNeighbours = a === 0 && b === points.length - 1;
      if (!areNeighbours && cross(points[a]!, end(a), points[b]!, end(b))) return [a, b];
    }
  }
  return null;
}

function cross(a: Place, b: Place, c: Place, d: Place): boolean {
  const side = (from: Place, to: Place, it: Place) =>
    Math.sign(
      (to.longitude - from.longitude) * (it.latitude - from.latitude) -
        (to.latitude - from.latitude) * (it.longitude - from.longitude),
    );
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}

/** Whether a place is within a shape, its edge included as far as rounding lets it. */
export function contains(shape: Shape, place: Place): boolean {
  if (shape.kind === 'circle') return shape.center !== null && distance(shape.center, place) <= shape.radius;
  const { points } = shape;
  let isInside = false;
  for (let a = 0, b = points.length - 1; a < points.length; b = a++) {
    const [one, other] = [points[a]!, points[b]!];
    if (one.latitude > place.latitude === other.latitude > place.latitude) continue;
    const part = (place.latitude - one.latitude) / (other.latitude - one.latitude);
    if (place.longitude < one.longitude + part * (other.longitude - one.longitude)) isInside = !isInside;
  }
  return isInside;
}
