import type { Schemas } from '@/api/client';
import { valuesOf } from '@/features/device/stream';
import type { FeedEvent } from '@/live/feed';
import { isPlace, type Place } from '@/map/earth';
import type { Box } from '@/map/view';
import { SEVERITIES, type SeverityWord } from '@/ui/Severity';

export type FleetMap = Schemas['FleetMap'];

/** A device where it is. */
export interface DeviceMark {
  readonly kind: 'device';
  readonly at: Place;
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly isOnline: boolean;
  /** Of its worst open alert. */
  readonly severity: SeverityWord | null;
}

/** Devices that stand too close together to be shown apart. */
export interface ClusterMark {
  readonly kind: 'cluster';
  readonly at: Place;
  readonly count: number;
  readonly online: number;
  /** Those of them that have an open alert. */
  readonly alerting: number;
  readonly severity: SeverityWord | null;
}

export type Mark = DeviceMark | ClusterMark;

export const marksOf = ({ features }: FleetMap): readonly Mark[] =>
  features.map(({ id, geometry, properties }): Mark => {
    const [longitude = 0, latitude = 0] = geometry.coordinates;
    const at = { latitude, longitude };
    const severity = SEVERITIES.find((word) => word === properties.severity) ?? null;
    if (properties.cluster) {
      const { count = 0, online = 0, alerting = 0 } = properties;
      return { kind: 'cluster', at, count, online, alerting, severity };
    }
    const { name = '', device_type: type = '', is_online: isOnline = false } = properties;
    return { kind: 'device', at, id: id ?? 0, name, type, isOnline, severity };
  });

/** Names of metrics that say where a device is, as the platform reads them, the first pair first. */
const PAIRS: readonly (readonly [latitude: string, longitude: string])[] = [
  ...['', 'location.', 'position.', 'gps.'].map((at) => [`${at}latitude`, `${at}longitude`] as const),
  ...['', 'location.', 'position.', 'gps.'].flatMap((at) => [
    [`${at}lat`, `${at}lon`] as const,
    [`${at}lat`, `${at}lng`] as const,
  ]),
];

/** Where values say that a device is; null if they do not. */
export function placeIn(values: Readonly<Record<string, unknown>>): Place | null {
  for (const [down, across] of PAIRS) {
    const [latitude, longitude] = [values[down], values[across]];
    if (isPlace(latitude, longitude)) return { latitude: latitude as number, longitude: longitude as number };
  }
  return null;
}

/** What an event says of its device on the map; null if nothing. */
export function newsIn(event: FeedEvent): Partial<Pick<DeviceMark, 'at' | 'isOnline'>> | null {
  if (event.type === 'telemetry') {
    const at = placeIn(valuesOf(event));
    return at && { at };
  }
  return event.type === 'device' && typeof event.is_online === 'boolean' ? { isOnline: event.is_online } : null;
}

const area = ({ west, south, east, north }: Box) => Math.max(1e-12, (east - west) * (north - south));

/**
 * The box to ask the platform for, when so much is seen: the one before as long as it has all of that and is not much
 * larger, so that clusters stay where they are while the map is moved a little; else one with some room around.
 */
export function boxFor(seen: Box, before: Box | null): Box {
  const has =
    before !== null &&
    before.west <= seen.west &&
    before.east >= seen.east &&
    before.south <= seen.south &&
    before.north >= seen.north;
  if (has && area(before) <= area(seen) * 9) return before;
  const across = (seen.east - seen.west) / 4;
  const along = (seen.north - seen.south) / 4;
  return {
    west: Math.max(-180, seen.west - across),
    south: Math.max(-90, seen.south - along),
    east: Math.min(180, seen.east + across),
    north: Math.min(90, seen.north + along),
  };
}

export const boxWord = ({ west, south, east, north }: Box) =>
  [west, south, east, north].map((degrees) => Number(degrees.toFixed(7)).toString()).join(',');

export const isWithin = ({ west, south, east, north }: Box, { latitude, longitude }: Place) =>
  latitude >= south && latitude <= north && longitude >= west && longitude <= east;
