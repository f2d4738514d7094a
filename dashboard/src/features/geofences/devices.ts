import { useMay } from '@/api/me';
import { useFleet } from '@/features/devices/api';
import { type Position, usePositions } from './api';

/** Devices that are looked up for a map: each is a question to the platform. */
const MOST = 20;

/** Where the first devices of the fleet are, and the ones that were asked for. */
export function useDevicesOnMap(asked: readonly string[] = []): readonly Position[] {
  const may = useMay();
  const isAllowed = may('devices:read') && may('telemetry:read');
  const fleet = useFleet({ limit: MOST, sort: 'name' }, isAllowed).data?.devices ?? [];
  const names = isAllowed ? [...new Set([...asked, ...fleet.map(({ name }) => name)])] : [];
  return usePositions(names.slice(0, MOST + asked.length));
}
