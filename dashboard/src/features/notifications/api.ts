import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { answerOf, api, type Schemas } from '@/api/client';
import { useFeed } from '@/live/FeedContext';

export type Notification = Schemas['Notification'];

const KEY = ['notifications'] as const;
/** How many are listed; older ones are found in the alerts themselves. */
const LISTED = 20;
/** What an alert tells follows it within this time, in milliseconds. */
const SOON = 1_500;

/** What was told in the dashboard, the newest first; asked again after each alert, and now and then. */
export function useNotifications(enabled: boolean) {
  const queries = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  useFeed(enabled ? { types: ['alert'] } : null, {
    event: () => {
      timer.current ??= setTimeout(() => {
        timer.current = undefined;
        void queries.invalidateQueries({ queryKey: KEY });
      }, SOON);
    },
  });
  return useQuery({
    queryKey: KEY,
    queryFn: () => answerOf(api.GET('/api/v1/notifications', { params: { query: { limit: LISTED } } })),
    refetchInterval: 60_000,
    enabled,
  });
}

/** For the caller alone: all up to this one were read. */
export function useMarkRead() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (upTo: number) => answerOf(api.POST('/api/v1/notifications/read', { body: { up_to: upTo } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: KEY }),
  });
}

/** The alert that a notification is about; null for a test. */
export const alertOf = ({ alert }: Notification): number | null =>
  typeof alert.alert_id === 'number' ? alert.alert_id : null;
