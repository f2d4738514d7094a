import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answerOf, api, type Schemas } from '@/api/client';
import type { paths } from '@/api/schema';

export type Device = Schemas['Device'];
export type DeviceDetail = Schemas['DeviceDetail'];
export type LifeCycle = Schemas['LifeCycle'];
export type DataType = Schemas['DataType'];

/** What the fleet table asks for; the platform searches, sorts and pages. */
export type FleetQuery = NonNullable<paths['/api/v1/admin/devices']['get']['parameters']['query']>;

export const LIFE_CYCLE = [
  'provisioning',
  'active',
  'inactive',
  'maintenance',
  'quarantined',
  'decommissioned',
] as const satisfies readonly LifeCycle[];

export const isLifeCycle = (word: unknown): word is LifeCycle => LIFE_CYCLE.some((known) => known === word);

export const deviceKeys = {
  all: ['devices'] as const,
  lists: ['devices', 'list'] as const,
  list: (query: FleetQuery) => ['devices', 'list', query] as const,
  one: (device: string) => ['devices', 'one', device] as const,
};

export function useFleet(query: FleetQuery, enabled = true) {
  return useQuery({
    enabled,
    queryKey: deviceKeys.list(query),
    queryFn: () => answerOf(api.GET('/api/v1/admin/devices', { params: { query } })),
    placeholderData: keepPreviousData,
    refetchInterval: 10_000,
  });
}

/** The path parameter of every call about one device: its id or its name. */
const of = (device: string) => ({ path: { device } });

export function useDevice(device: string) {
  return useQuery({
    queryKey: deviceKeys.one(device),
    queryFn: () => answerOf(api.GET('/api/v1/admin/devices/{device}', { params: of(device) })),
    refetchInterval: 30_000,
  });
}

export interface NewDevice {
  readonly name: string;
  readonly device_type: string;
  readonly description?: string;
  readonly location?: string;
}

export function useRegister() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (device: NewDevice) => answerOf(api.POST('/api/v1/admin/devices', { body: device })),
    onSuccess: () => queries.invalidateQueries({ queryKey: deviceKeys.lists }),
  });
}

/** A change to one device; what is shown of it is read again. */
function useDeviceChange<Input, Output>(device: string, change: (input: Input) => Promise<Output>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: deviceKeys.one(device) }),
        queries.invalidateQueries({ queryKey: deviceKeys.lists }),
      ]),
  });
}

export const useSetStatus = (device: string) =>
  useDeviceChange(device, (status: LifeCycle) =>
    answerOf(api.PUT('/api/v1/admin/devices/{device}/status', { params: of(device), body: { status } })),
  );

export const useRotateKey = (device: string) =>
  useDeviceChange(device, () => answerOf(api.POST('/api/v1/admin/devices/{device}/api-key', { params: of(device) })));

export const useDecommission = (device: string) =>
  useDeviceChange(device, () => answerOf(api.DELETE('/api/v1/admin/devices/{device}', { params: of(device) })));

export const useConfigure = (device: string) =>
  useDeviceChange(device, (setting: Schemas['ConfigurationChange']) =>
    answerOf(api.POST('/api/v1/devices/{device}/configurations', { params: of(device), body: setting })),
  );

export function useSendCommand(device: string) {
  return useMutation({
    mutationFn: (command: Schemas['Command']) =>
      answerOf(api.POST('/api/v1/devices/{device}/commands', { params: of(device), body: command })),
  });
}
