/** A place in degrees of WGS 84. */
export interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

/** The sphere that the platform measures on, in metres. */
const RADIUS = 6_371_008.8;
/** Metres of a degree of latitude, and of one of longitude at the equator. */
export const DEGREE = (RADIUS * Math.PI) / 180;

const radians = (degrees: number) => (degrees * Math.PI) / 180;
const degrees = (radian: number) => (radian * 180) / Math.PI;
const clamp = (value: number, most: number) => Math.max(-most, Math.min(most, value));

/** The place itself, if it is on earth; else the nearest on the edge of the map. */
export const onEarth = ({ latitude, longitude }: Place): Place => ({
  latitude: clamp(latitude, 90),
  longitude: clamp(longitude, 180),
});

export const isPlace = (latitude: unknown, longitude: unknown): boolean =>
  typeof latitude === 'number' &&
  typeof longitude === 'number' &&
  Math.abs(latitude) <= 90 &&
  Math.abs(longitude) <= 180;

/** Metres between two places. */
export function distance(a: Place, b: Place): number {
  const north = Math.sin(radians(b.latitude - a.latitude) / 2);
  const east = Math.sin(radians(b.longitude - a.longitude) / 2);
  const half = north * north + Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * east * east;
  return 2 * RADIUS * Math.asin(Math.min(1, Math.sqrt(half)));
}

/** The place that is so many metres away, in a direction of degrees from north by east. */
export function away(from: Place, metres: number, bearing: number): Place {
  const [angle, course, latitude] = [metres / RADIUS, radians(bearing), radians(from.latitude)];
  const north = Math.asin(
    Math.sin(latitude) * Math.cos(angle) + Math.cos(latitude) * Math.sin(angle) * Math.cos(course),
  );
  const east = Math.atan2(
    Math.sin(course) * Math.sin(angle) * Math.cos(latitude),
    Math.cos(angle) - Math.sin(latitude) * Math.sin(north),
  );
  return { latitude: degrees(north), longitude: from.longitude + degrees(east) };
}

/** The rim of a circle, as so many places. Its longitudes are not wrapped, so that it can be drawn in one line. */
export const rim = (center: Place, metres: number, count = 72): readonly Place[] =>
  Array.from({ length: count }, (_, index) => away(center, metres, (360 * index) / count));
