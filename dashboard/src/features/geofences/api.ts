import { useMutation, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { answerOf, api, type Schemas } from '@/api/client';
import { useMay } from '@/api/me';
import { PAGE_SIZE, usePages } from '@/api/pages';
import { isPlace, type Place } from '@/map/earth';
import type { Geofence } from './shape';

const KEY = ['geofences'] as const;
const path = (geofence: number) => ({ path: { geofence: String(geofence) } });

async function readPage(cursor?: string) {
  const query = { limit: PAGE_SIZE, cursor };
  const answer = await answerOf(api.GET('/api/v1/geofences', { params: { query } }));
  // The answer may be GeoJSON, which was not asked for.
  const { geofences, next_cursor } = answer as Schemas['GeofenceList'];
  return { geofences: geofences as Geofence[], next_cursor };
}

export const useGeofences = () =>
  usePages([...KEY, 'list'], async (cursor) => {
    const { geofences, next_cursor } = await readPage(cursor);
    return { items: geofences, next: next_cursor };
  });

/** The first page of them, to choose from and to show around. */
export function useKnownGeofences(): readonly Geofence[] {
  const enabled = useMay()('rules:read');
  return (
    useQuery({ queryKey: [...KEY, 'choice'], queryFn: () => readPage(), enabled, staleTime: 30_000 }).data?.geofences ??
    []
  );
}

/** One geofence, and the tag of what was read. */
export interface Kept {
  readonly geofence: Geofence;
  readonly tag: string | null;
}

async function kept(call: Promise<{ data?: object; error?: unknown; response: Response }>): Promise<Kept> {
  const { response } = await call;
  return { geofence: (await answerOf(call)) as Geofence, tag: response.headers.get('ETag') };
}

export const useGeofence = (geofence: number | null) =>
  useQuery({
    queryKey: [...KEY, 'one', geofence],
    queryFn: () => kept(api.GET('/api/v1/geofences/{geofence}', { params: path(geofence!) })),
    enabled: geofence !== null,
    // What is being drawn shall not change beneath the hand.
    refetchOnWindowFocus: false,
  });

export type Wish = Pick<Geofence, 'name' | 'circle' | 'polygon'>;

/** Creates one, or replaces the one that was read, unless somebody else has changed it since. */
export function useSaveGeofence(known: Kept | undefined) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (wish: Wish) => {
      const body = wish as Schemas['NewGeofence'];
      if (!known) return kept(api.POST('/api/v1/geofences', { body }));
      const header = known.tag ? { 'If-Match': known.tag } : {};
      return kept(api.PUT('/api/v1/geofences/{geofence}', { params: { ...path(known.geofence.id), header }, body }));
    },
    onSuccess: (saved) => {
      queries.setQueryData([...KEY, 'one', saved.geofence.id], saved);
      return queries.invalidateQueries({ queryKey: KEY });
    },
  });
}

export function useDeleteGeofence() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (geofence: number) => answerOf(api.DELETE('/api/v1/geofences/{geofence}', { params: path(geofence) })),
    onSuccess: () => queries.invalidateQueries({ queryKey: KEY }),
  });
}

export interface Position extends Place {
  readonly device: string;
}

/** How often a device on a map is asked for, and how often one that had no position, in milliseconds. */
const EVERY = 10_000;
const SELDOM = 120_000;

/** The latest positions of a few devices; a device whose position is not known is left out. */
export function usePositions(devices: readonly string[]): readonly Position[] {
  return useQueries({
    queries: devices.map((device) => ({
      queryKey: ['telemetry', device, 'position'],
      queryFn: async () => {
        const answer = await answerOf(api.GET('/api/v1/telemetry/{device}/latest', { params: { path: { device } } }));
        return positionIn(answer.latest_data);
      },
      refetchInterval: (query: { state: { data?: Place | null } }) => (query.state.data ? EVERY : SELDOM),
      retry: false,
    })),
    combine: (results) => results.flatMap(({ data }, index) => (data ? [{ device: devices[index]!, ...data }] : [])),
  });
}

/** The position as rules read it: by these two names of each metric, and no others. */
export function positionIn(latest: Readonly<Record<string, unknown>>): Place | null {
  for (const before of ['', 'location.']) {
    const [latitude, longitude] = [latest[`${before}latitude`], latest[`${before}longitude`]];
    if (isPlace(latitude, longitude)) return { latitude: latitude as number, longitude: longitude as number };
  }
  return null;
}
