import { Table, Text } from '@mantine/core';
import { useEffect, useMemo, useState } from 'react';
import { PRESET_WORDS, rangeToWord, spanOf, windowFor } from '@/charts/ranges';
import { MOST_SEGMENTS, segments, type StateSample } from '@/charts/states';
import { StateTimeline } from '@/charts/StateTimeline';
import { useNow } from '@/ui/clock';
import { formatDuration, formatValue } from '@/ui/format';
import { Moment } from '@/ui/Time';
import { ChartPlace, MetricHead, type MetricProps } from './MetricCard';
import { MOST_RAW, useStates } from './telemetry';

const HEIGHT = 120;
/** More kinds of values than this are no states but a log; it is shown as its newest lines. */
const MOST_STATES = 8;
const LINES = 6;

/** A metric of truths or words: a bar of its states, or its newest values when they are too many for a bar. */
export function StateHistory({
  device,
  metric,
  latest,
  range,
  stream,
  shown,
}: MetricProps & { readonly shown: boolean }) {
  const now = useNow();
  const span = spanOf(range, now);
  const live = range.kind === 'last';
  const history = useStates(device, metric, span, windowFor(span), rangeToWord(range), shown);
  const samples = useLiveSamples(history.data?.samples, metric, live, stream);
  const all = useMemo(() => segments(samples, Math.min(span.to, Date.now())), [samples, span.to]);
  const states = useMemo(() => new Set(all.map((segment) => segment.state)).size, [all]);
  const words = live ? PRESET_WORDS[range.preset] : 'the chosen range';
  return (
    <>
      <MetricHead metric={metric} latest={latest} />
      {all.length === 0 ? (
        <ChartPlace height={HEIGHT} failure={history.error} loading={history.isPending} />
      ) : states <= MOST_STATES && all.length <= MOST_SEGMENTS ? (
        <StateTimeline
          segments={all}
          from={span.from}
          to={span.to}
          label={`${metric}, ${words}: now ${formatValue(latest.value)}`}
        />
      ) : (
        <Newest samples={samples} />
      )}
      {history.data?.every && (
        <Text size="xs" c="dimmed" mt="xs">
          Drawn from the last value of every {formatDuration(history.data.every.millis)}; shorter changes show when you
          look closer.
        </Text>
      )}
    </>
  );
}

function useLiveSamples(
  read: readonly StateSample[] | undefined,
  metric: string,
  live: boolean,
  { receive }: MetricProps['stream'],
): readonly StateSample[] {
  const [samples, setSamples] = useState(read ?? []);
  useEffect(() => {
    setSamples(read ?? []);
    if (!live || !read) return;
    return receive(metric, (arrived) => {
      const added = arrived.map(({ at, raw }) => ({ at, state: formatValue(raw) }));
      setSamples((before) => [...before, ...added].sort((a, b) => a.at - b.at).slice(-MOST_RAW));
    });
  }, [read, metric, live, receive]);
  return samples;
}

function Newest({ samples }: { readonly samples: readonly StateSample[] }) {
  return (
    <Table mt="xs" verticalSpacing={5} horizontalSpacing={0} aria-label="Newest values">
      <Table.Tbody>
        {samples
          .slice(-LINES)
          .reverse()
          .map(({ at, state }) => (
            <Table.Tr key={`${at} ${state}`}>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>{state}</Table.Td>
              <Table.Td ta="right" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
                <Moment at={new Date(at).toISOString()} />
              </Table.Td>
            </Table.Tr>
          ))}
      </Table.Tbody>
    </Table>
  );
}
