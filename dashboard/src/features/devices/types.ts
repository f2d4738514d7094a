import { useQuery } from '@tanstack/react-query';
import { answerOf, api } from '@/api/client';

/** What the simulator pretends to be; suggestions for a fleet that has no device yet. */
const SUGGESTED = ['temperature', 'door_lock', 'camera', 'air_quality', 'thermostat', 'industrial_sensor'];

/** The types that the fleet's devices have, the most frequent first; for the filter and as suggestions. */
export function useDeviceTypes(): string[] {
  const stats = useQuery({
    queryKey: ['admin-stats'],
    queryFn: () => answerOf(api.GET('/api/v1/admin/stats')),
    staleTime: 30_000,
  });
  const counts = Object.entries(stats.data?.devices.by_type ?? {});
  return counts.length > 0 ? counts.sort(([, a], [, b]) => b - a).map(([type]) => type) : SUGGESTED;
}
