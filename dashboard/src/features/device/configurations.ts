import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answerOf, api, type Schemas } from '@/api/client';
import { PAGE_SIZE, usePages } from '@/api/pages';
import { deviceKeys } from '@/features/devices/api';

export type Effective = Schemas['EffectiveConfiguration'];
export type Version = Schemas['ConfigurationVersionSummary'];

const of = (device: string) => ({ path: { device } });
const keys = (device: string) => [...deviceKeys.one(device), 'configurations'] as const;

/** What the device is to have, where it is from, and whether the device has it. */
export const useEffective = (device: string) =>
  useQuery({
    queryKey: [...keys(device), 'effective'],
    queryFn: () => answerOf(api.GET('/api/v1/devices/{device}/configurations/effective', { params: of(device) })),
    refetchInterval: 10_000,
  });

/** The device's own versions, the newest first. */
export const useVersions = (device: string) =>
  usePages([...keys(device), 'versions'], async (cursor) => {
    const params = { ...of(device), query: { limit: PAGE_SIZE, cursor } };
    const { versions, next_cursor } = await answerOf(api.GET('/api/v1/devices/{device}/configurations', { params }));
    return { items: versions, next: next_cursor };
  });

export const useDiff = (device: string, from: number, to: number) =>
  useQuery({
    queryKey: [...keys(device), 'diff', from, to],
    queryFn: () =>
      answerOf(
        api.GET('/api/v1/devices/{device}/configurations/diff', { params: { ...of(device), query: { from, to } } }),
      ),
  });

/** Makes what stands in a version active: a draft itself, an older one as a new version. */
export function useActivate(device: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ version, state }: Version) =>
      state === 'draft'
        ? answerOf(
            api.POST('/api/v1/devices/{device}/configurations/{version}/activate', {
              params: { path: { device, version } },
            }),
          )
        : answerOf(
            api.POST('/api/v1/devices/{device}/configurations/rollback', { params: of(device), body: { version } }),
          ),
    onSuccess: () => queries.invalidateQueries({ queryKey: deviceKeys.one(device) }),
  });
}
