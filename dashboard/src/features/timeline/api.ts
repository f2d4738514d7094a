import { answerOf, api, type Schemas } from '@/api/client';
import { usePages } from '@/api/pages';

export type Kind = Schemas['TimelineKind'];
export type Entry = Schemas['Timeline']['entries'][number];

const ROWS = 50;

export const timelineKeys = { of: (device: number) => ['timeline', device] as const };

/** What has happened to a device, the newest first; of all kinds if none is named. */
export const useTimeline = (device: number, kinds: readonly Kind[]) =>
  usePages([...timelineKeys.of(device), [...kinds].sort()], async (cursor) => {
    const query = { kinds: kinds.length > 0 ? [...kinds] : undefined, limit: ROWS, cursor };
    const { entries, next_cursor } = await answerOf(
      api.GET('/api/v1/devices/{device}/timeline', { params: { path: { device: String(device) }, query } }),
    );
    return { items: entries, next: next_cursor };
  });
