import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answerOf, api, type Schemas } from '@/api/client';
import { usePages } from '@/api/pages';
import type { JsonObject } from '@/editor/json';
import type { ShadowDocuments } from './document';

export type Shadow = Omit<Schemas['Shadow'], keyof ShadowDocuments> & ShadowDocuments;
export type DesiredChange = Schemas['ShadowHistory']['changes'][number];

/** How often it is asked for where no feed says that it has changed, in milliseconds. */
const EVERY = 10_000;
const ROWS = 20;

export const shadowKeys = { of: (device: number) => ['shadow', device] as const };
const of = (device: number) => ({ path: { device: String(device) } });

export const useShadow = (device: number) =>
  useQuery({
    queryKey: [...shadowKeys.of(device), 'now'],
    queryFn: async () => (await answerOf(api.GET('/api/v1/devices/{device}/shadow', { params: of(device) }))) as Shadow,
    refetchInterval: EVERY,
  });

export const useShadowHistory = (device: number) =>
  usePages([...shadowKeys.of(device), 'history'], async (cursor) => {
    const params = { ...of(device), query: { limit: ROWS, cursor } };
    const { changes, next_cursor } = await answerOf(api.GET('/api/v1/devices/{device}/shadow/history', { params }));
    return { items: changes, next: next_cursor };
  });

interface Wish {
  readonly patch: JsonObject;
  /** Of the desired half that the patch was made for. */
  readonly version: number;
}

/** Desires something, unless somebody else has since. Whatever came of it, the shadow is read again. */
export function useDesire(device: number) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ patch, version }: Wish) =>
      answerOf(
        api.PATCH('/api/v1/devices/{device}/shadow', {
          params: of(device),
          body: { desired: patch as Record<string, never>, desired_version: version },
        }),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: shadowKeys.of(device) }),
  });
}
