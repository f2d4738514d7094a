import { useQuery } from '@tanstack/react-query';
import { answerOf, api, type Schemas } from '@/api/client';
import { deviceKeys } from '@/features/devices/api';

export type Effective = Schemas['EffectiveConfiguration'];

/** What the device is to have, where it is from, and whether the device has it. */
export const useEffective = (device: string) =>
  useQuery({
    queryKey: [...deviceKeys.one(device), 'configurations', 'effective'],
    queryFn: () =>
      answerOf(api.GET('/api/v1/devices/{device}/configurations/effective', { params: { path: { device } } })),
    refetchInterval: 10_000,
  });
