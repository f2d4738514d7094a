import { useQuery } from '@tanstack/react-query';
import { answerOf, api, type Schemas } from '@/api/client';
import { type Range, rangeToWord, spanOf } from '@/charts/ranges';
import { placeIn } from '@/features/map/marks';
import { isPlace, type Place } from '@/map/earth';
import type { LatestValues } from './telemetry';

/** How often it is asked for where the feed says nothing, in milliseconds. */
const EVERY = 15_000;
const of = (device: number) => ({ path: { device: String(device) } });

/** A place where a device was. */
export interface Fix {
  readonly at: Place;
  /** Epoch milliseconds. */
  readonly time: number;
}

/** Where a device was, in the order of time. */
export interface Track {
  /** More than one where it goes over the line of 180 degrees. */
  readonly lines: readonly (readonly Place[])[];
  /** The times of its points; none where the line was cut, for the points of a cut have no time. */
  readonly fixes: readonly Fix[];
  /** How many there were before the line was simplified. */
  readonly positions: number;
  readonly isSimplified: boolean;
}

export function trackOf({ geometry, properties }: Pick<Schemas['Track'], 'geometry' | 'properties'>): Track {
  const { positions, simplified: isSimplified, times } = properties;
  const lines = geometry ? linesOf(geometry.type, geometry.coordinates) : [];
  const points = lines.flat();
  const fixes =
    points.length === times.length ? points.map((at, index) => ({ at, time: Date.parse(times[index]!) })) : [];
  return { lines, fixes, positions, isSimplified };
}

function linesOf(type: string, coordinates: unknown): readonly (readonly Place[])[] {
  const placeOf = (point: unknown): Place[] => {
    const [longitude, latitude] = Array.isArray(point) ? (point as unknown[]) : [];
    return isPlace(latitude, longitude) ? [{ latitude: latitude as number, longitude: longitude as number }] : [];
  };
  const line = (points: unknown) => (Array.isArray(points) ? points.flatMap(placeOf) : []);
  if (type === 'Point') return [placeOf(coordinates)];
  if (type === 'LineString') return [line(coordinates)];
  return Array.isArray(coordinates) ? coordinates.map(line) : [];
}

/** Where a device was in a span; it is read again while the span goes on. */
export const useTrack = (device: number, range: Range, enabled: boolean) =>
  useQuery({
    queryKey: ['telemetry', device, 'track', rangeToWord(range)],
    queryFn: async () => {
      const { from, to } = spanOf(range, Date.now());
      const query = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
      const answer = await answerOf(api.GET('/api/v1/devices/{device}/track', { params: { ...of(device), query } }));
      return trackOf(answer);
    },
    enabled,
    refetchInterval: range.kind === 'last' ? EVERY : false,
  });

/** Where a device is: as the platform says, or as it has said itself since. Null while that is not known. */
export function usePosition(device: number, fresh: LatestValues): Place | null {
  const read = useQuery({
    queryKey: ['telemetry', device, 'position'],
    queryFn: async () =>
      (await answerOf(api.GET('/api/v1/devices/{device}/position', { params: of(device) }))).position,
    refetchInterval: EVERY,
  }).data;
  const said = placeIn(Object.fromEntries(Object.entries(fresh).map(([metric, { value }]) => [metric, value])));
  const saidAt = Math.max(0, ...Object.values(fresh).map(({ at }) => at ?? 0));
  return said && saidAt >= Date.parse(read?.timestamp ?? '1970-01-01') ? said : (read ?? null);
}
