import { useQuery } from '@tanstack/react-query';
import { answerOf, api, type Schemas } from '@/api/client';
import { type Series } from '@/charts/series';
import { MOST_POINTS, type Span, type Window } from '@/charts/ranges';
import type { StateSample } from '@/charts/states';
import { formatValue } from '@/ui/format';
import { save } from '@/ui/save';

/** The newest value of one metric. */
export interface LatestValue {
  readonly value: unknown;
  /** Epoch milliseconds, where the platform says it. */
  readonly at: number | null;
  /** As the device's type or sensor says it; absent if neither does. */
  readonly unit?: string;
}

export type LatestValues = Readonly<Record<string, LatestValue>>;

const path = (device: number) => ({ device: String(device) });
const iso = (millis: number) => new Date(millis).toISOString();

export function useLatest(device: number, enabled = true) {
  return useQuery({
    enabled,
    queryKey: ['telemetry', device, 'latest'],
    queryFn: async () =>
      latestFrom(await answerOf(api.GET('/api/v1/telemetry/{device}/latest', { params: { path: path(device) } }))),
    refetchInterval: 60_000,
  });
}

/** Each metric has its own time; the newest of all stands in for one that is not said. */
export function latestFrom({
  latest_data,
  timestamps,
  units,
}: Pick<Schemas['LatestTelemetry'], 'latest_data' | 'timestamps' | 'units'>): LatestValues {
  const { timestamp, ...values } = latest_data;
  return Object.fromEntries(
    Object.entries(values).map(([metric, value]) => {
      const time = timestamps?.[metric] ?? timestamp;
      const unit = units?.[metric];
      return [metric, { value, at: time ? Date.parse(time) : null, ...(unit ? { unit } : {}) }];
    }),
  );
}

/** A window more at each end than a chart asks for. */
const MOST_ROWS = MOST_POINTS + 2;

/** The history of a metric of numbers, gathered by the platform so that never more than a screenful comes. */
export function useHistory(device: number, metric: string, span: Span, window: Window, key: string, shown: boolean) {
  return useQuery({
    queryKey: ['telemetry', device, 'history', metric, key],
    enabled: shown,
    staleTime: 30_000,
    queryFn: async () => {
      const answer = await answerOf(
        api.GET('/api/v1/telemetry/{device}/aggregated', {
          params: {
            path: path(device),
            query: {
              start_time: iso(Math.floor(span.from / window.millis) * window.millis),
              end_time: iso(span.to),
              fields: [metric],
              aggregation: ['avg', 'min', 'max'],
              window: window.word,
              limit: MOST_ROWS,
            },
          },
        }),
      );
      return seriesFrom(answer.data, metric);
    },
  });
}

export function seriesFrom(rows: readonly Schemas['AggregatedRow'][], metric: string): Series {
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
  /** The range holds too many values to fetch: these are the last ones of windows so wide. */
  readonly every: Window | null;
}

/**
 * The values of a metric that is no number, oldest first; each one where they are few, else the last of each window.
 */
export function useStates(device: number, metric: string, span: Span, window: Window, key: string, shown: boolean) {
  return useQuery({
    queryKey: ['telemetry', device, 'states', metric, key],
    enabled: shown,
    staleTime: 30_000,
    queryFn: async (): Promise<States> => {
      const range = { start_time: iso(span.from), end_time: iso(span.to), fields: [metric] };
      // The call also answers CSV and NDJSON, as texts; JSON is what it does unasked.
      const raw = (await answerOf(
        api.GET('/api/v1/telemetry/{device}', {
          params: { path: path(device), query: { ...range, limit: MOST_RAW, order: 'asc' } },
        }),
      )) as Schemas['TelemetryRows'];
      if (!raw.next_cursor) return { samples: samplesFrom(raw.data, metric), every: null };
      const lasts = await answerOf(
        api.GET('/api/v1/telemetry/{device}/aggregated', {
          params: {
            path: path(device),
            query: { ...range, aggregation: ['last'], window: window.word, limit: MOST_ROWS },
          },
        }),
      );
      return { samples: samplesFrom(lasts.data, 'value'), every: window };
    },
  });
}

export function samplesFrom(
  rows: readonly { readonly timestamp: string; readonly [field: string]: unknown }[],
  field: string,
) {
  return rows
    .filter((row) => row[field] !== null && row[field] !== undefined)
    .map((row) => ({ at: Date.parse(row.timestamp), state: formatValue(row[field]) }));
}

/** Saves everything that was measured in the span as a file. */
export async function exportTelemetry(device: { id: number; name: string }, span: Span, format: 'csv' | 'ndjson') {
  const rows = await answerOf(
    api.GET('/api/v1/telemetry/{device}/export', {
      params: { path: path(device.id), query: { start_time: iso(span.from), end_time: iso(span.to), format } },
      parseAs: 'blob',
    }),
  );
  save(rows, `${device.name}-${iso(span.from).slice(0, 19).replace(/:/g, '')}.${format}`);
}
