import { useQuery } from '@tanstack/react-query';
import { call, raw } from '@/api/client';
import type { Latest, Rows } from '@/api/provisional';
import { type Series } from '@/charts/series';
import { type Span, type Window } from '@/charts/ranges';
import type { StateSample } from '@/charts/states';
import { formatValue } from '@/ui/format';

/** The newest value of one metric. */
export interface LatestValue {
  readonly value: unknown;
  /** Epoch milliseconds, where the platform says it. */
  readonly at: number | null;
}

export type LatestValues = Readonly<Record<string, LatestValue>>;

const path = (device: string | number) => `/api/v1/telemetry/${encodeURIComponent(device)}`;
const iso = (millis: number) => new Date(millis).toISOString();

export function useLatest(device: number) {
  return useQuery({
    queryKey: ['telemetry', device, 'latest'],
    queryFn: async () => latestFrom(await call<Latest>('GET', `${path(device)}/latest`)),
    refetchInterval: 60_000,
  });
}

export function latestFrom(answer: Latest): LatestValues {
  const { timestamp, ...values } = answer.latest_data;
  const at = timestamp ? Date.parse(timestamp) : null;
  return Object.fromEntries(Object.entries(values).map(([metric, value]) => [metric, { value, at }]));
}

/** The history of a metric of numbers, gathered by the platform so that never more than a screenful comes. */
export function useHistory(device: number, metric: string, span: Span, window: Window, key: string, shown: boolean) {
  return useQuery({
    queryKey: ['telemetry', device, 'history', metric, key],
    enabled: shown,
    staleTime: 30_000,
    queryFn: async () => {
      const answer = await call<Rows>('GET', `${path(device)}/aggregated`, {
        query: {
          start_time: iso(Math.floor(span.from / window.millis) * window.millis),
          end_time: iso(span.to),
          fields: metric,
          aggregation: 'avg,min,max',
          window: window.word,
        },
      });
      return seriesFrom(answer.data, metric);
    },
  });
}

export function seriesFrom(rows: Rows['data'], metric: string): Series {
  const series = { times: [] as number[], avg: [] as number[], min: [] as number[], max: [] as number[] };
  for (const row of rows) {
    const cell = row[metric] as { avg?: unknown; min?: unknown; max?: unknown } | null | undefined;
    if (typeof cell?.avg !== 'number') continue;
    series.times.push(Date.parse(row.timestamp) / 1000);
    series.avg.push(cell.avg);
    series.min.push(typeof cell.min === 'number' ? cell.min : cell.avg);
    series.max.push(typeof cell.max === 'number' ? cell.max : cell.avg);
  }
  return series;
}

/** The most raw values fetched for one picture. */
export const MOST_RAW = 2_000;

export interface States {
  readonly samples: readonly StateSample[];
  /** The range holds more; these are its newest. */
  readonly cut: boolean;
}

/** The values of a metric that is no number, oldest first. */
export function useStates(device: number, metric: string, span: Span, key: string, shown: boolean) {
  return useQuery({
    queryKey: ['telemetry', device, 'states', metric, key],
    enabled: shown,
    staleTime: 30_000,
    queryFn: async (): Promise<States> => {
      const answer = await call<Rows>('GET', path(device), {
        query: { start_time: iso(span.from), end_time: iso(span.to), fields: metric, limit: MOST_RAW, order: 'desc' },
      });
      const samples = answer.data
        .filter((row) => row[metric] !== null && row[metric] !== undefined)
        .map((row) => ({ at: Date.parse(row.timestamp), state: formatValue(row[metric]) }))
        .reverse();
      return { samples, cut: Boolean(answer.next_cursor) };
    },
  });
}

/** Saves everything that was measured in the span as a file. */
export async function exportTelemetry(device: { id: number; name: string }, span: Span, format: 'csv' | 'ndjson') {
  const response = await raw('GET', `${path(device.id)}/export`, {
    query: { start_time: iso(span.from), end_time: iso(span.to), format },
  });
  const address = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = address;
  link.download = `${device.name}-${iso(span.from).slice(0, 19).replace(/:/g, '')}.${format}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
