import { useThrottledCallback } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useMay } from '@/api/me';
import { useFeed } from '@/live/FeedContext';
import { mapKeys } from './api';
import { type FleetMap, type Mark, marksOf, newsIn } from './marks';

/** How often what has moved is drawn, and how often what the feed does not say is read again, in milliseconds. */
const BREATH = 500;
const ALERTS = 3_000;

/** The marks of a map as they were read, and as they have moved since. */
export function useLiveMarks(map: FleetMap | undefined): readonly Mark[] {
  const read = useMemo(() => (map ? marksOf(map) : []), [map]);
  const [marks, setMarks] = useState(read);
  const news = useRef(new Map<number, NonNullable<ReturnType<typeof newsIn>>>());
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const queries = useQueryClient();
  const readAgain = useThrottledCallback(
    () => void queries.invalidateQueries({ queryKey: [...mapKeys.all, 'box'] }),
    ALERTS,
  );
  useEffect(() => {
    news.current = new Map();
    setMarks(read);
  }, [read]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const breathe = () => {
    timer.current = undefined;
    const arrived = news.current;
    news.current = new Map();
    setMarks((before) =>
      before.map((mark) => {
        const its = mark.kind === 'device' ? arrived.get(mark.id) : undefined;
        return its ? { ...mark, ...its } : mark;
      }),
    );
  };
  const devices = read.flatMap((mark) => (mark.kind === 'device' ? [mark.id] : []));
  useFeed(devices.length > 0 ? { types: ['telemetry', 'device'], devices } : null, {
    event: (event) => {
      const its = newsIn(event);
      if (!its || event.device_id === undefined) return;
      news.current.set(event.device_id, { ...news.current.get(event.device_id), ...its });
      timer.current ??= setTimeout(breathe, BREATH);
    },
    lagged: readAgain,
    resumed: readAgain,
  });
  useFeed(useMay()('alerts:read') ? { types: ['alert'] } : null, { event: readAgain, resumed: readAgain });
  return marks;
}
