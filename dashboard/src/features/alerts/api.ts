import { type InfiniteData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answerOf, api, type Schemas } from '@/api/client';
import { type Page, usePages } from '@/api/pages';
import { notifyOf } from '@/ui/notify';
import type { AlertQuery, PendingQuery } from './view';

export type Alert = Schemas['Alert'];
export type PendingAlert = Schemas['PendingAlert'];
export type AlertDetail = Schemas['AlertDetail'];
export type Outcome = Schemas['ManyAlertsOutcome'];

/** Rows of a page of the inbox. */
const ROWS = 50;

export const alertKeys = {
  all: ['alerts'] as const,
  lists: ['alerts', 'list'] as const,
  counts: ['alerts', 'counts'] as const,
  pending: ['alerts', 'pending'] as const,
  one: (alert: number) => ['alerts', 'one', alert] as const,
};

/** Lists as they are kept, to be changed in place. */
export type ListData = InfiniteData<Page<Alert>>;

export const useAlerts = (query: AlertQuery) =>
  usePages([...alertKeys.lists, query], async (cursor) => {
    const { alerts, next_cursor } = await answerOf(
      api.GET('/api/v1/alerts', { params: { query: { ...query, limit: ROWS, cursor } } }),
    );
    return { items: alerts, next: next_cursor };
  });

/** Asked again and again: no event says that something has become pending. */
export const usePending = (query: PendingQuery) =>
  useQuery({
    queryKey: [...alertKeys.pending, query],
    queryFn: async () => (await answerOf(api.GET('/api/v1/alerts/pending', { params: { query } }))).pending,
    refetchInterval: 5_000,
  });

/** How many there are; the live feed has it asked again, and a slow clock where there is none. */
export const useAlertCounts = (enabled = true) =>
  useQuery({
    queryKey: alertKeys.counts,
    queryFn: () => answerOf(api.GET('/api/v1/alerts/counts')),
    refetchInterval: 60_000,
    enabled,
  });

export const useAlert = (alert: number) =>
  useQuery({
    queryKey: alertKeys.one(alert),
    queryFn: () => answerOf(api.GET('/api/v1/alerts/{alert}', { params: of(alert) })),
    refetchInterval: 60_000,
  });

const of = (alert: number) => ({ path: { alert: String(alert) } });

interface Many {
  readonly ids: readonly number[];
  readonly reason?: string;
}

/** Shown as done at once; what was refused is said, and everything read again. */
function useMany(state: Alert['state'], act: (wish: Many) => Promise<Outcome>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: act,
    onMutate: ({ ids }) => {
      const chosen = new Set(ids);
      queries.setQueriesData<ListData>({ queryKey: alertKeys.lists }, (known) =>
        changedList(known, (alert) => (chosen.has(alert.id) ? { ...alert, state } : alert)),
      );
    },
    onSuccess: ({ refused }) => {
      if (refused.length > 0) {
        const more = refused.length > 1 ? ` The same holds for ${refused.length - 1} more.` : '';
        notifyOf('Not all were changed', `Alert ${refused[0]!.id}: ${refused[0]!.detail}${more}`);
      }
    },
    onSettled: () => queries.invalidateQueries({ queryKey: alertKeys.all }),
  });
}

const body = ({ ids, reason }: Many) => ({ ids: [...ids], reason: reason?.trim() || null });

export const useAcknowledge = () =>
  useMany('acknowledged', (wish) => answerOf(api.POST('/api/v1/alerts/acknowledge', { body: body(wish) })));

export const useResolve = () =>
  useMany('resolved', (wish) => answerOf(api.POST('/api/v1/alerts/resolve', { body: body(wish) })));

function useAlertChange<Input>(change: (input: Input) => Promise<Alert>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => queries.invalidateQueries({ queryKey: alertKeys.all }),
  });
}

export const useAssign = (alert: number) =>
  useAlertChange((user: string | null) =>
    answerOf(api.POST('/api/v1/alerts/{alert}/assign', { params: of(alert), body: { user } })),
  );

export const useComment = (alert: number) =>
  useAlertChange((text: string) =>
    answerOf(api.POST('/api/v1/alerts/{alert}/comment', { params: of(alert), body: { text } })),
  );

export const useJudge = (alert: number) =>
  useAlertChange(({ value, reason }: { readonly value: boolean; readonly reason: string }) =>
    answerOf(
      api.POST('/api/v1/alerts/{alert}/false-positive', {
        params: of(alert),
        body: { value, reason: reason.trim() || null },
      }),
    ),
  );

/** A list with each of its alerts changed. */
export const changedList = (known: ListData | undefined, change: (alert: Alert) => Alert): ListData | undefined =>
  known && { ...known, pages: known.pages.map((page) => ({ ...page, items: page.items.map(change) })) };
