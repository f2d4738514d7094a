import { useEffect, useMemo, useRef, useState } from 'react';
import { MOST_POINTS, PRESET_WORDS, rangeToWord, spanOf, windowFor } from '@/charts/ranges';
import { decimated, EMPTY, extended, type Series, withGaps } from '@/charts/series';
import { TimeChart } from '@/charts/TimeChart';
import { useNow } from '@/ui/clock';
import { formatLocal, formatNumber, formatUtc } from '@/ui/format';
import { ChartPlace, MetricHead, type MetricProps } from './MetricCard';
import type { DeviceStream } from './stream';
import { useHistory } from './telemetry';

const HEIGHT = 210;

/** A metric of numbers: its line, the band of its extremes, and live values appended as they come. */
export function NumberHistory({
  device,
  metric,
  latest,
  range,
  color,
  stream,
  onZoom,
  shown,
}: MetricProps & { readonly shown: boolean }) {
  const now = useNow();
  const live = range.kind === 'last';
  const span = spanOf(range, now);
  const window = windowFor(span);
  const history = useHistory(device, metric, span, window, rangeToWord(range), shown);
  const series = useLiveSeries(
    history.data,
    history.dataUpdatedAt,
    metric,
    window.millis,
    live ? span.to - span.from : null,
    stream,
  );
  const columns = useMemo(() => withGaps(decimated(series, 2 * MOST_POINTS), window.millis), [series, window.millis]);
  const [cursor, setCursor] = useState<number | null>(null);

  const summary = useMemo(() => summaryOf(series), [series]);
  const words = live ? PRESET_WORDS[range.preset] : 'the chosen range';
  return (
    <>
      <MetricHead metric={metric} latest={latest} color={color} readout={readout(columns, cursor)} />
      {series.times.length > 0 ? (
        <TimeChart
          columns={columns}
          from={span.from}
          to={span.to}
          color={color}
          height={HEIGHT}
          group={`device-${device}`}
          label={`${metric}, ${words}: ${summary}`}
          onZoom={onZoom}
          onCursor={setCursor}
        />
      ) : (
        <ChartPlace height={HEIGHT} failure={history.error} loading={history.isPending} />
      )}
    </>
  );
}

/** What was read, with what has come since. A new reading starts afresh. */
function useLiveSeries(
  read: Series | undefined,
  readAt: number,
  metric: string,
  windowMillis: number,
  length: number | null,
  stream: DeviceStream,
): Series {
  const [series, setSeries] = useState(read ?? EMPTY);
  const held = useRef({ series, counts: new Map<number, number>() });
  useEffect(() => {
    held.current = { series: read ?? EMPTY, counts: new Map() };
    setSeries(held.current.series);
  }, [read, readAt]);
  const { receive } = stream;
  useEffect(() => {
    if (length === null || !read) return;
    return receive(metric, (samples) => {
      const { series: before, counts } = held.current;
      held.current.series = extended(before, samples, windowMillis, Date.now() - length, counts);
      setSeries(held.current.series);
    });
  }, [metric, windowMillis, length, read, receive]);
  return series;
}

function summaryOf({ avg, min, max }: Series): string {
  if (avg.length === 0) return 'nothing measured';
  let low = min[0]!;
  let high = max[0]!;
  for (let i = 1; i < avg.length; i++) {
    low = Math.min(low, min[i]!);
    high = Math.max(high, max[i]!);
  }
  return `between ${formatNumber(low)} and ${formatNumber(high)}, last ${formatNumber(avg[avg.length - 1]!)}`;
}

/** The value under the cursor, with its extremes where the window held more than one. */
function readout(columns: (number | null)[][], cursor: number | null) {
  const [times, avg, min, max] = columns.map((column) => (cursor === null ? null : column[cursor]));
  if (times == null || avg == null || min == null || max == null) return undefined;
  const at = times * 1000;
  return (
    <span title={formatUtc(at)}>
      <strong>{formatNumber(avg)}</strong>
      {min < max && ` (${formatNumber(min)} – ${formatNumber(max)})`} · {formatLocal(at)}
    </span>
  );
}
