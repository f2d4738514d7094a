import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answerOf, api, type Schemas } from '@/api/client';
import { usePages } from '@/api/pages';
import { problemOf } from '@/api/problem';
import type { paths } from '@/api/schema';

export type Channel = Schemas['Channel'];
export type Delivery = Schemas['Delivery'];
export type DeliveryQuery = NonNullable<paths['/api/v1/deliveries']['get']['parameters']['query']>;

const KEYS = { all: ['channels'] as const, lists: ['channels', 'list'] as const };
const DELIVERIES = ['deliveries'] as const;

/** Rows of a page; each channel's last delivery is asked for by itself. */
const CHANNELS = 50;
const ROWS = 50;
/** How often, in milliseconds, what is on its way is looked at again. */
const EVERY = 10_000;

const of = (channel: number) => ({ path: { channel: String(channel) } });

export const useChannels = (enabled = true) =>
  usePages(
    KEYS.lists,
    async (cursor) => {
      const query = { limit: CHANNELS, cursor };
      const { channels, next_cursor } = await answerOf(api.GET('/api/v1/channels', { params: { query } }));
      return { items: channels, next: next_cursor };
    },
    { enabled },
  );

/** A channel with the tag of its version, so that nobody's change is overwritten unseen. */
export const useChannel = (channel: number) =>
  useQuery({
    queryKey: [...KEYS.all, 'one', channel],
    queryFn: async () => {
      const { data, error, response } = await api.GET('/api/v1/channels/{channel}', { params: of(channel) });
      if (!data) throw problemOf(response, error);
      return { channel: data, tag: response.headers.get('ETag') ?? '*' };
    },
    staleTime: 0,
    gcTime: 0,
  });

function useChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  const queries = useQueryClient();
  return useMutation({ mutationFn: change, onSuccess: () => queries.invalidateQueries({ queryKey: KEYS.all }) });
}

export const useCreateChannel = () =>
  useChange((wish: Schemas['NewChannel']) => answerOf(api.POST('/api/v1/channels', { body: wish })));

export const useChangeChannel = (channel: number) =>
  useChange(({ tag, wish }: { readonly tag: string; readonly wish: Schemas['ChannelChange'] }) =>
    answerOf(
      api.PUT('/api/v1/channels/{channel}', {
        params: { ...of(channel), header: { 'If-Match': tag } },
        body: wish,
      }),
    ),
  );

export const useRemoveChannel = (channel: number) =>
  useChange(() => answerOf(api.DELETE('/api/v1/channels/{channel}', { params: of(channel) })));

/** Sends a test and answers what the receiver said. */
export function useTestChannel(channel: number) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => answerOf(api.POST('/api/v1/channels/{channel}/test', { params: of(channel) })),
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: DELIVERIES });
      void queries.invalidateQueries({ queryKey: ['notifications'] });
    },
  });
}

export const useDeliveries = (query: DeliveryQuery) =>
  usePages(
    [...DELIVERIES, query],
    async (cursor) => {
      const { deliveries, next_cursor } = await answerOf(
        api.GET('/api/v1/deliveries', { params: { query: { ...query, limit: ROWS, cursor } } }),
      );
      return { items: deliveries, next: next_cursor };
    },
    { refetchInterval: EVERY },
  );

/** The newest thing that went over a channel, or null. */
export const useLastDelivery = (channel: number) =>
  useQuery({
    queryKey: [...DELIVERIES, 'last', channel],
    queryFn: async () => {
      const query = { channel, limit: 1 };
      const { deliveries } = await answerOf(api.GET('/api/v1/deliveries', { params: { query } }));
      return deliveries[0] ?? null;
    },
    refetchInterval: 30_000,
  });
