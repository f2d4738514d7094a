import { DEGREE, onEarth, type Place } from './earth';

/** What of the earth is seen: its centre, and how many metres a pixel is. */
export interface View extends Place {
  readonly scale: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A point of the drawing, in pixels from its upper left corner. */
export interface Spot {
  readonly x: number;
  readonly y: number;
}

/** Metres a pixel: a wall is as wide as the map, or the whole earth is. */
const FINEST = 0.02;
const COARSEST = 80_000;

/** Longitudes come closer together towards the poles; at these themselves they would be one. */
const squeeze = (latitude: number) => Math.max(0.02, Math.cos((latitude * Math.PI) / 180));

/**
 * A map of degrees: straight lines between places are straight on it, which is what the platform means by the edge of
 * a polygon. East and west are drawn to the scale of the view's centre.
 */
export const spotOf = (place: Place, view: View, { width, height }: Size): Spot => ({
  x: width / 2 + ((place.longitude - view.longitude) * DEGREE * squeeze(view.latitude)) / view.scale,
  y: height / 2 - ((place.latitude - view.latitude) * DEGREE) / view.scale,
});

/** The place at a point of the drawing, which may be none on earth. */
export const placeOf = ({ x, y }: Spot, view: View, { width, height }: Size): Place => ({
  latitude: view.latitude - ((y - height / 2) * view.scale) / DEGREE,
  longitude: view.longitude + ((x - width / 2) * view.scale) / DEGREE / squeeze(view.latitude),
});

const bounded = ({ scale, ...center }: View): View => ({
  ...onEarth(center),
  scale: Math.max(FINEST, Math.min(COARSEST, scale)),
});

/** The view after the drawing was dragged by so many pixels. */
export const panned = (view: View, right: number, down: number): View =>
  bounded({
    latitude: view.latitude + (down * view.scale) / DEGREE,
    longitude: view.longitude - (right * view.scale) / DEGREE / squeeze(view.latitude),
    scale: view.scale,
  });

/** The view so many times closer; what is at a point of the drawing stays there. */
export function zoomed(view: View, factor: number, at: Spot, size: Size): View {
  const { scale } = bounded({ ...view, scale: view.scale / factor });
  const [right, down] = [at.x - size.width / 2, at.y - size.height / 2];
  const kept = panned(view, -right, -down);
  return panned({ ...kept, scale }, right, down);
}

/** The view in which all of these places are seen, with some room around them. */
export function viewOf(places: readonly Place[], size: Size): View | null {
  if (places.length === 0) return null;
  const [south, north] = ends(places.map(({ latitude }) => latitude));
  const [west, east] = ends(places.map(({ longitude }) => longitude));
  const center = { latitude: (south + north) / 2, longitude: (west + east) / 2 };
  const across = ((east - west) * DEGREE * squeeze(center.latitude)) / (size.width * 0.72);
  const along = ((north - south) * DEGREE) / (size.height * 0.72);
  return bounded({ ...center, scale: Math.max(across, along) || 2 });
}

function ends(values: readonly number[]): [number, number] {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return [least, most];
}

/** A part of the earth, in degrees; it ends at the line of 180 degrees. */
export interface Box {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
}

/** What of the earth is seen. */
export function boxOf(view: View, size: Size): Box {
  const { latitude: north, longitude: west } = onEarth(placeOf({ x: 0, y: 0 }, view, size));
  const { latitude: south, longitude: east } = onEarth(placeOf({ x: size.width, y: size.height }, view, size));
  return { west, south, east, north };
}

/** All of the earth that a map can show. */
export const EVERYTHING: View = { latitude: 20, longitude: 0, scale: 60_000 };

const DEGREE_STEPS = [
  90, 45, 30, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002, 0.0001, 0.00005,
  0.00002, 0.00001, 0.000005,
];

export interface Meridian {
  /** In degrees. */
  readonly at: number;
  /** In pixels. */
  readonly spot: number;
  readonly label: string;
}

/** The lines of latitude or longitude that are seen, about a hundred pixels apart. */
export function linesOf(axis: 'latitude' | 'longitude', view: View, size: Size): readonly Meridian[] {
  const upperLeft = placeOf({ x: 0, y: 0 }, view, size);
  const lowerRight = placeOf({ x: size.width, y: size.height }, view, size);
  const most = axis === 'latitude' ? 90 : 180;
  const [from, to] = [upperLeft[axis], lowerRight[axis]].sort((a, b) => a - b) as [number, number];
  const wished = ((to - from) * 100) / (axis === 'latitude' ? size.height : size.width);
  const step = [...DEGREE_STEPS].reverse().find((each) => each >= wished) ?? DEGREE_STEPS[0]!;
  const first = Math.ceil(Math.max(from, -most) / step);
  const last = Math.floor(Math.min(to, most) / step);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => {
    const at = (first + index) * step;
    const spot = spotOf({ ...view, [axis]: at }, view, size);
    return { at, spot: axis === 'latitude' ? spot.y : spot.x, label: degreeWords(at, step, axis) };
  });
}

function degreeWords(at: number, step: number, axis: 'latitude' | 'longitude'): string {
  const digits = Math.max(0, Math.ceil(-Math.log10(step)));
  const side = axis === 'latitude' ? (at < 0 ? 'S' : 'N') : at < 0 ? 'W' : 'E';
  const amount = Math.abs(at).toFixed(digits);
  return Number(amount) === 0 ? '0°' : `${amount}° ${side}`;
}

/** A length on the map that is easy to say, and how long it is drawn. */
export function rulerOf(view: View): { readonly pixels: number; readonly words: string } {
  const most = view.scale * 120;
  const power = 10 ** Math.floor(Math.log10(most));
  const metres = ([5, 2, 1].find((each) => each * power <= most) ?? 1) * power;
  return { pixels: metres / view.scale, words: metresWords(metres) };
}

/** A length in metres as people say it: 250 m, 1.5 km, 40 cm. */
export function metresWords(metres: number): string {
  if (metres >= 1000) return `${rounded(metres / 1000)} km`;
  return metres >= 1 ? `${rounded(metres)} m` : `${rounded(metres * 100)} cm`;
}

const rounded = (value: number) =>
  value.toLocaleString('en', { maximumFractionDigits: value >= 100 ? 0 : value >= 10 ? 1 : 2 });
