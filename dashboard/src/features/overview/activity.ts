import { useRef, useState } from 'react';
import { valuesOf } from '@/features/device/stream';
import type { EventType, FeedEvent } from '@/live/feed';
import { useFeed } from '@/live/FeedContext';
import { formatValue } from '@/ui/format';

export interface Activity {
  readonly key: number;
  readonly device: number;
  readonly name: string;
  readonly at: string;
  readonly type: EventType;
  readonly words: string;
  /** A device that has gone. */
  readonly away: boolean;
}

/** How many lines the list keeps. */
const LINES = 14;
/** How often it moves, in milliseconds; faster nobody can read. */
const BREATH = 500;
/** Above so many messages a second a list of them says nothing; only the rarer events are then asked for. */
export const READABLE_RATE = 60;
/** How many values of one message are named. */
const NAMED = 3;

/** What an event says, in a line. */
export function wordsOf(event: FeedEvent): string {
  switch (event.type) {
    case 'telemetry': {
      const values = Object.entries(valuesOf(event));
      const named = values.slice(0, NAMED).map(([metric, value]) => `${metric} ${formatValue(value)}`);
      const more = values.length - named.length;
      return named.join(', ') + (more > 0 ? ` and ${more} more` : '');
    }
    case 'device':
      if (typeof event.is_online === 'boolean') return event.is_online ? 'came online' : 'went offline';
      if (typeof event.status === 'string') return `is now ${event.status}`;
      return typeof event.event === 'string' ? event.event.replaceAll('_', ' ') : 'changed';
    case 'command':
      return `command ${String(event.command ?? event.command_type ?? '')} ${String(event.status ?? 'sent')}`.replace(
        / +/g,
        ' ',
      );
    case 'alert':
      return String(event.message ?? 'alert');
    case 'rollout':
      return String(event.status ?? 'firmware update');
    case 'batch':
      return `batch ${String(event.status ?? '')}`;
  }
}

/** The newest events of the whole fleet, newest first, and how many were left out. */
export function useActivity(messagesPerSecond: number | undefined) {
  const [lines, setLines] = useState<readonly Activity[]>([]);
  const [dropped, setDropped] = useState(0);
  const waiting = useRef<Activity[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const next = useRef(0);
  const readable = messagesPerSecond === undefined || messagesPerSecond <= READABLE_RATE;
  const types: EventType[] = ['device', 'command', 'alert', 'rollout'];

  useFeed(messagesPerSecond === undefined ? null : { types: readable ? [...types, 'telemetry'] : types }, {
    event: (event) => {
      if (event.device_id === undefined) return;
      waiting.current.push({
        key: next.current++,
        device: event.device_id,
        name: event.device_name ?? '',
        at: event.timestamp,
        type: event.type,
        words: wordsOf(event),
        away: event.type === 'device' && event.is_online === false,
      });
      if (waiting.current.length > LINES) waiting.current.shift();
      timer.current ??= setTimeout(() => {
        const arrived = waiting.current.reverse();
        waiting.current = [];
        timer.current = undefined;
        setLines((before) => [...arrived, ...before].slice(0, LINES));
      }, BREATH);
    },
    lagged: (count) => setDropped((before) => before + count),
  });
  return { lines, dropped, readable };
}
