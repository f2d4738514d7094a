import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { answerOf, api, type Schemas } from '@/api/client';
import { useMay } from '@/api/me';
import { PAGE_SIZE, usePages } from '@/api/pages';
import { useFeed, useFeedStatus } from '@/live/FeedContext';

export type Rollout = Schemas['Rollout'];
export type Counts = Schemas['RolloutCounts'];
/** With its stages as the document means them: those of the plan, and how their devices are doing. */
export type RolloutProgress = Omit<Schemas['RolloutProgress'], 'stages'> & {
  readonly stages: (NonNullable<Rollout['stages']>[number] & { readonly progress: Counts })[];
};
export type NewRollout = Schemas['NewRollout'];
export type Scope = NonNullable<Schemas['RolloutScope']>;
export type Member = Schemas['RolloutDevices']['devices'][number];
export type Status = Member['status'];
export type State = Rollout['state'];

const KEY = ['rollouts'] as const;
/** How often a rollout is read again: while the live feed tells of it, and without one, in milliseconds. */
const WITH_FEED = 10_000;
const WITHOUT_FEED = 3_000;
/** The least time between two readings that the feed causes, in milliseconds; a big rollout tells a lot. */
const BREATH = 1_000;
/** Devices that are read at once. */
const DEVICES = 100;
const of = (rollout: number) => ({ path: { rollout: String(rollout) } });

const ENDED: readonly State[] = ['halted', 'rolled_back', 'finished', 'aborted'];
export const hasEnded = ({ state }: Pick<Rollout, 'state'>) => ENDED.includes(state);

/** All rollouts, the newest first. */
export function useRollouts() {
  const pages = usePages(
    [...KEY, 'list'],
    async (cursor) => {
      const query = { limit: PAGE_SIZE, cursor };
      const answer = await answerOf(api.GET('/api/v1/rollouts', { params: { query } }));
      return { items: answer.rollouts, next: answer.next_cursor };
    },
    { refetchInterval: WITH_FEED },
  );
  const { more, isFetchingMore } = pages;
  useEffect(() => {
    if (more && !isFetchingMore) more();
  });
  return { ...pages, more: null };
}

/** How often to ask for what a rollout is doing; never, once it has ended. */
function usePace(rollout: Pick<Rollout, 'state'> | undefined) {
  const isLive = useFeedStatus() === 'open';
  return rollout && hasEnded(rollout) ? (false as const) : isLive ? WITH_FEED : WITHOUT_FEED;
}

export function useRollout(rollout: number | null) {
  const known = useQueryClient().getQueryData<RolloutProgress>([...KEY, 'one', rollout]);
  return useQuery({
    queryKey: [...KEY, 'one', rollout],
    queryFn: async () =>
      (await answerOf(api.GET('/api/v1/rollouts/{rollout}', { params: of(rollout!) }))) as RolloutProgress,
    enabled: rollout !== null,
    refetchInterval: usePace(known),
  });
}

/** Its devices, all or those of one status. */
export const useMembers = (rollout: RolloutProgress, status: Status | null) =>
  usePages(
    [...KEY, 'one', rollout.id, 'devices', status],
    async (cursor) => {
      const query = { limit: DEVICES, cursor, status: status ?? undefined };
      const answer = await answerOf(
        api.GET('/api/v1/rollouts/{rollout}/devices', { params: { ...of(rollout.id), query } }),
      );
      return { items: answer.devices, next: answer.next_cursor };
    },
    { refetchInterval: usePace(rollout) || undefined },
  );

/** Reads a rollout again when the live feed tells of it, a breath after the first of many events. */
export function useRolloutFeed(rollout: number) {
  const queries = useQueryClient();
  const may = useMay()('firmware:read');
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const again = () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void queries.invalidateQueries({ queryKey: [...KEY, 'one', rollout] });
    }, BREATH);
  };
  useFeed(may ? { types: ['rollout'] } : null, {
    event: (event) => {
      if (event.rollout_id === rollout) again();
    },
    lagged: again,
    resumed: again,
  });
}

/** Which devices a rollout would be for. */
export const usePreview = (wish: Schemas['RolloutPreviewWish'] | null) =>
  useQuery({
    queryKey: [...KEY, 'preview', wish],
    queryFn: () => answerOf(api.POST('/api/v1/rollouts/preview', { body: wish! })),
    enabled: wish !== null,
    placeholderData: keepPreviousData,
    retry: false,
  });

function useChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  const queries = useQueryClient();
  return useMutation({ mutationFn: change, onSettled: () => queries.invalidateQueries({ queryKey: KEY }) });
}

export const useCreateRollout = () =>
  useChange((wish: NewRollout) => answerOf(api.POST('/api/v1/rollouts', { body: wish })));

export type Act = 'approve' | 'pause' | 'resume' | 'abort' | 'finish';

export const useAct = (rollout: number) =>
  useChange((act: Act) => answerOf(api.POST(`/api/v1/rollouts/{rollout}/${act}`, { params: of(rollout) })));

export function useDeleteRollout(rollout: number) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => answerOf(api.DELETE('/api/v1/rollouts/{rollout}', { params: of(rollout) })),
    onSuccess: () => queries.invalidateQueries({ queryKey: [...KEY, 'list'] }),
  });
}
