import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { call } from '@/api/client';
import type { Device, DeviceDetail, DeviceList } from '@/api/provisional';

export type { Device, DeviceDetail };

/** What the fleet table asks for; the platform searches, sorts and pages. */
export interface FleetQuery {
  readonly search?: string;
  readonly device_type?: string;
  readonly status?: string;
  readonly sort?: string;
  readonly limit: number;
  readonly offset: number;
}

export const LIFE_CYCLE = ['provisioning', 'active', 'inactive', 'maintenance', 'quarantined', 'decommissioned'] as const;

export const deviceKeys = {
  all: ['devices'] as const,
  lists: ['devices', 'list'] as const,
  list: (query: FleetQuery) => ['devices', 'list', query] as const,
  one: (device: string) => ['devices', 'one', device] as const,
};

export function useFleet(query: FleetQuery) {
  return useQuery({
    queryKey: deviceKeys.list(query),
    queryFn: () => call<DeviceList>('GET', '/api/v1/admin/devices', { query: { ...query } }),
    placeholderData: keepPreviousData,
    refetchInterval: 10_000,
  });
}

export function useDevice(device: string) {
  return useQuery({
    queryKey: deviceKeys.one(device),
    queryFn: () => call<DeviceDetail>('GET', `/api/v1/admin/devices/${encodeURIComponent(device)}`),
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
    mutationFn: (device: NewDevice) =>
      call<{ device: Device & { api_key: string } }>('POST', '/api/v1/admin/devices', { body: device }),
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

const path = (device: string) => `/api/v1/admin/devices/${encodeURIComponent(device)}`;

export const useSetStatus = (device: string) =>
  useDeviceChange(device, (status: string) => call('PUT', `${path(device)}/status`, { body: { status } }));

export const useRotateKey = (device: string) =>
  useDeviceChange(device, () => call<{ api_key: string }>('POST', `${path(device)}/api-key`));

export const useDecommission = (device: string) => useDeviceChange(device, () => call('DELETE', path(device)));

export interface NewSetting {
  readonly config_key: string;
  readonly config_value: string;
  readonly data_type: string;
}

export const useConfigure = (device: string) =>
  useDeviceChange(device, (setting: NewSetting) => call('POST', `${path(device)}/configurations`, { body: setting }));

export function useSendCommand(device: string) {
  return useMutation({
    mutationFn: (command: Record<string, unknown>) =>
      call<{ message?: string; command_id?: string }>('POST', `/api/v1/mqtt/device/${encodeURIComponent(device)}/command`, {
        body: command,
      }),
  });
}
