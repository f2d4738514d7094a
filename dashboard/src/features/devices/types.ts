import { useQuery } from '@tanstack/react-query';

/** The types that the fleet's devices have, for the filter and as suggestions. */
export function useDeviceTypes(): string[] {
  const known = useQuery({ queryKey: ['device-types'], queryFn: async () => KNOWN, staleTime: Infinity });
  return known.data ?? KNOWN;
}

const KNOWN = ['temperature', 'door_lock', 'camera', 'air_quality', 'thermostat', 'industrial_sensor'];
