import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useMay } from '@/api/me';
import { useFeed } from '@/live/FeedContext';
import { type AlertDetail, alertKeys, changedList, type ListData } from './api';
import { type AlertNews, newsOf, withNews } from './news';

/** How often, in milliseconds, alerts are read again while news come in; what is shown changes at once all the same. */
const BREATH = 1_000;

/** Keeps everything that is shown of alerts as the platform has it now. */
export function useAlertFeed(onNews: (news: AlertNews) => void) {
  const queries = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const last = useRef(0);
  useEffect(() => () => clearTimeout(timer.current), []);

  const readAgain = () => {
    timer.current ??= setTimeout(
      () => {
        timer.current = undefined;
        last.current = performance.now();
        void queries.invalidateQueries({ queryKey: alertKeys.all });
      },
      Math.max(0, last.current + BREATH - performance.now()),
    );
  };
  useFeed(useMay()('alerts:read') ? { types: ['alert'] } : null, {
    event: (event) => {
      const news = newsOf(event);
      if (news) {
        queries.setQueriesData<ListData>({ queryKey: alertKeys.lists }, (known) =>
          changedList(known, (alert) => withNews(alert, news)),
        );
        queries.setQueryData<AlertDetail>(alertKeys.one(news.id), (known) => known && withNews(known, news));
        onNews(news);
      }
      readAgain();
    },
    lagged: readAgain,
    resumed: readAgain,
  });
}
