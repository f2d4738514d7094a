import { useQuery } from '@tanstack/react-query';
import { answerOf, api } from '@/api/client';

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
  const stats = await answerOf(api.GET('/stats'));
  return {
    at: Date.now(),
    devices: stats.devices?.total ?? 0,
    online: stats.devices?.online ?? 0,
    lagMillis: stats.store?.lag_ms ?? 0,
    counters: { messages: stats.messages?.accepted ?? 0, points: stats.points?.written ?? 0 },
    refused: stats.messages?.refused ?? {},
  };
}
