import { useQuery } from '@tanstack/react-query';
import { call } from '@/api/client';
import type { Stats } from '@/api/provisional';

/** How often the platform's figures are read, in milliseconds. */
const EVERY = 3_000;

/** What the overview shows, at the time when it was read. */
export interface Figures {
  readonly at: number;
  readonly devices: number;
  readonly online: number;
  readonly lagMillis: number;
  readonly counters: { readonly messages: number; readonly points: number };
  /** How many messages were refused, by reason. */
  readonly refused: Readonly<Record<string, number>>;
}

export function useFigures() {
  return useQuery({ queryKey: ['figures'], queryFn: readFigures, refetchInterval: EVERY });
}

async function readFigures(): Promise<Figures> {
  const stats = await call<Stats>('GET', '/stats');
  return {
    at: Date.now(),
    devices: stats.devices.total,
    online: stats.devices.online,
    lagMillis: stats.store.lag_ms,
    counters: { messages: stats.messages.accepted, points: stats.points.written },
    refused: stats.messages.refused,
  };
}
