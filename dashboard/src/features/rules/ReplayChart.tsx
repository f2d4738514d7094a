import { Skeleton, Text, useComputedColorScheme } from '@mantine/core';
import { useMemo, useState } from 'react';
import { type Span, windowFor } from '@/charts/ranges';
import { EMPTY, withGaps } from '@/charts/series';
import { TimeChart } from '@/charts/TimeChart';
import { lineColor } from '@/theme/palette';
import { useHistory } from '@/features/device/telemetry';
import { formatLocal, formatNumber } from '@/ui/format';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { type Band, VERDICTS } from './bands';
import { BandLanes, type Place, useBandColor } from './BandLanes';

const HEIGHT = 240;

interface Props {
  readonly device: number;
  readonly metric: string;
  readonly bands: readonly Band[];
  readonly span: Span;
  readonly chosen: Band | null;
  readonly onChoose: (band: Band) => void;
}

/** What was measured, with the alerts that would have been as bands behind it and as bars below it. */
export function ReplayChart({ device, metric, bands, span: whole, chosen, onChoose }: Props) {
  const scheme = useComputedColorScheme();
  const colorOf = useBandColor();
  const [zoom, setZoom] = useState<Span | null>(null);
  const span = zoom ?? whole;
  const window = windowFor(span);
  const history = useHistory(device, metric, span, window, `replay-${span.from}-${span.to}`, true);
  const columns = useMemo(() => withGaps(history.data ?? EMPTY, window.millis), [history.data, window.millis]);
  const [cursor, setCursor] = useState<number | null>(null);
  const [place, setPlace] = useState<Place>({ left: 0, width: 0 });
  // Bands of both rules at one time are drawn once, the ones that differ last, so that they are seen.
  const marks = useMemo(
    () =>
      bands
        .filter((band) => band.side === 'would' || band.verdict === 'only_in_force')
        .map(({ from, to, verdict }) => ({ from, to, color: colorOf(verdict) })),
    [bands, colorOf],
  );
  const at = cursor === null ? null : columns[0]![cursor];
  const value = cursor === null ? null : columns[1]![cursor];
  return (
    <>
      <Text size="sm" c="dimmed">
        {at != null && value != null ? `${metric} ${formatNumber(value)} · ${formatLocal(1000 * at)}` : metric}
        {zoom && (
          <>
            {' · '}
            <Text span inherit component="button" type="button" onClick={() => setZoom(null)}>
              show all
            </Text>
          </>
        )}
      </Text>
      {history.error ? (
        <ProblemNotice failure={history.error} retry={() => void history.refetch()} />
      ) : history.isPending ? (
        <Skeleton height={HEIGHT} />
      ) : (
        <TimeChart
          columns={columns}
          from={span.from}
          to={span.to}
          color={lineColor(1, scheme)}
          label={`${metric}, with ${bands.length} alerts: ${bands
            .map(({ verdict }) => VERDICTS[verdict].words)
            .slice(0, 5)
            .join(', ')}`}
          group="replay"
          height={HEIGHT}
          marks={marks}
          onPlace={(left, width) =>
            setPlace((before) => (before.left === left && before.width === width ? before : { left, width }))
          }
          onZoom={(from, to) => setZoom({ from, to })}
          onCursor={setCursor}
        />
      )}
      <BandLanes place={place} bands={bands} from={span.from} to={span.to} chosen={chosen} onChoose={onChoose} />
    </>
  );
}
