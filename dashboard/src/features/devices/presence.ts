import type { Schemas } from '@/api/client';
import { isLifeCycle } from './api';
import type { FeedEvent } from '@/live/feed';

type DeviceList = Schemas['DeviceList'];

/** The list with what a device event says of presence and state; the same list when it says nothing of its devices. */
export function withPresence(event: FeedEvent) {
  return (list: DeviceList | undefined): DeviceList | undefined => {
    const at = list?.devices.findIndex((device) => device.id === event.device_id) ?? -1;
    if (!list || at < 0) return list;
    const devices = [...list.devices];
    devices[at] = { ...devices[at]!, ...stateOf(event) };
    return { ...list, devices };
  };
}

/** What a device event says of its device. */
export function stateOf(event: FeedEvent): Partial<Pick<Schemas['Device'], 'is_online' | 'status' | 'last_seen'>> {
  return {
    ...(typeof event.is_online === 'boolean' && { is_online: event.is_online }),
    ...(event.is_online === true && { last_seen: event.timestamp }),
    ...(isLifeCycle(event.status) && { status: event.status }),
  };
}
