import { Button, Group, Text, useComputedColorScheme } from '@mantine/core';
import { IconZoomReset } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { MOST_POINTS, type Span, windowFor } from '@/charts/ranges';
import { decimated, EMPTY, withGaps } from '@/charts/series';
import { TimeChart } from '@/charts/TimeChart';
import { ChartPlace } from '@/features/device/MetricCard';
import { useHistory } from '@/features/device/telemetry';
import { brick, lineColor } from '@/theme/palette';
import { formatLocal, formatNumber } from '@/ui/format';
import { Titled } from '@/ui/Facts';
import { type Around, around } from './around';

interface Props {
  readonly device: number;
  readonly metric: string;
  readonly level: number | undefined;
  readonly alert: Around;
  /** When the alert was read, in epoch milliseconds. */
  readonly now: number;
}

const HEIGHT = 240;

/** The metric around the time when the alert began, with its span marked. */
export function AlertChart({ device, metric, level, alert, now }: Props) {
  const { span: whole, marked } = useMemo(() => around(alert, now), [alert, now]);
  const [zoom, setZoom] = useState<Span | null>(null);
  const span = zoom ?? whole;
  const window = windowFor(span);
  const history = useHistory(device, metric, span, window, `${span.from}-${span.to}`, true);
  const series = history.data ?? EMPTY;
  const columns = useMemo(() => withGaps(decimated(series, 2 * MOST_POINTS), window.millis), [series, window.millis]);
  const [cursor, setCursor] = useState<number | null>(null);
  const [time, value] = [0, 1].map((column) => (cursor === null ? null : columns[column]?.[cursor]));
  const scheme = useComputedColorScheme();
  const color = lineColor(0, scheme);
  const marks = useMemo(() => [{ ...marked, color: brick[scheme === 'light' ? 7 : 3]! }], [marked, scheme]);
  return (
    <Titled title={metric}>
      <Group justify="space-between" mih={30} gap="xs">
        <Text size="xs" c="dimmed">
          {time != null && value != null
            ? `${formatNumber(value)} · ${formatLocal(time * 1000)}`
            : level === undefined
              ? 'The coloured part is the time of the alert.'
              : `The coloured part is the time of the alert, the dashed line ${formatNumber(level)}.`}
        </Text>
        {zoom && (
          <Button
            size="compact-xs"
            variant="subtle"
            leftSection={<IconZoomReset size={14} />}
            onClick={() => setZoom(null)}
          >
            The whole time
          </Button>
        )}
      </Group>
      {series.times.length > 0 ? (
        <TimeChart
          columns={columns}
          from={span.from}
          to={span.to}
          color={color}
          height={HEIGHT}
          group="alert"
          marks={marks}
          level={level}
          label={`${metric} around the time of the alert, which began ${formatLocal(marked.from)}`}
          onZoom={(from, to) =>
            setZoom({ from: Math.floor(from), to: Math.max(Math.ceil(to), Math.floor(from) + 1000) })
          }
          onCursor={setCursor}
        />
      ) : (
        <ChartPlace height={HEIGHT} failure={history.error} loading={history.isPending} />
      )}
    </Titled>
  );
}
