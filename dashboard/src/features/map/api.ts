import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { answerOf, api } from '@/api/client';
import type { Box } from '@/map/view';
import { boxWord, type FleetMap } from './marks';

/** Marks of one map at the most, on a screen and on a phone; of more devices those that stand together are one mark. */
export const MOST_MARKS = { wide: 400, narrow: 100 } as const;
/** How often it is asked for, in milliseconds. */
const EVERY = 10_000;

export const mapKeys = { all: ['map'] as const };

const read = (filter: string, bbox: string | undefined, limit: number) =>
  answerOf(
    api.GET('/api/v1/map', { params: { query: { bbox, limit, filter: filter || undefined } } }),
  ) as Promise<FleetMap>;

/** The whole fleet, to know where to look; asked for once while the page is open. */
export const useWorld = (filter: string) =>
  useQuery({
    queryKey: [...mapKeys.all, 'world', filter],
    queryFn: () => read(filter, undefined, MOST_MARKS.wide),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    gcTime: 0,
  });

/** What stands in a box. */
export const useBox = (filter: string, box: Box | null, most: number) =>
  useQuery({
    queryKey: [...mapKeys.all, 'box', filter, box && boxWord(box), most],
    queryFn: () => read(filter, boxWord(box!), most),
    enabled: box !== null,
    placeholderData: keepPreviousData,
    refetchInterval: EVERY,
  });
