import { Card, Group, Skeleton, Text } from '@mantine/core';
import { useIntersection } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { formatValue } from '@/ui/format';
import { Ago } from '@/ui/Time';
import { ProblemNotice } from '@/ui/ProblemNotice';
import classes from './MetricCard.module.css';
import type { DeviceStream } from './stream';
import type { LatestValue } from './telemetry';
import { NumberHistory } from './NumberHistory';
import { StateHistory } from './StateHistory';
import type { Range } from '@/charts/ranges';

export interface MetricProps {
  readonly device: number;
  readonly metric: string;
  readonly latest: LatestValue;
  readonly range: Range;
  readonly color: string;
  readonly stream: DeviceStream;
  readonly onZoom: (from: number, to: number) => void;
}

/** One metric: what it is now, and how it came there. The history is read once the card is in sight. */
export function MetricCard(props: MetricProps) {
  const { ref, entry } = useIntersection<HTMLDivElement>({ rootMargin: '200px' });
  const { metric, latest } = props;
  return (
    <Card ref={ref} className={classes.card} component="section" aria-label={metric}>
      {typeof latest.value === 'number' ? (
        <NumberHistory {...props} shown={entry?.isIntersecting ?? false} />
      ) : (
        <StateHistory {...props} shown={entry?.isIntersecting ?? false} />
      )}
    </Card>
  );
}

interface HeadProps {
  readonly metric: string;
  readonly latest: LatestValue;
  /** Of its line; a state has none of its own. */
  readonly color?: string;
  /** In place of the latest value's age, such as what is under the cursor. */
  readonly readout?: ReactNode;
}

export function MetricHead({ metric, latest, color, readout }: HeadProps) {
  return (
    <Group justify="space-between" align="flex-start" wrap="nowrap" gap="md">
      <div className={classes.title}>
        <h2 className={classes.name}>
          {color && <span className={classes.swatch} style={{ background: color }} aria-hidden />}
          {metric}
        </h2>
        <Text size="xs" c="dimmed" component="div" className={classes.readout}>
          {readout ?? (latest.at === null ? null : <Ago at={new Date(latest.at).toISOString()} />)}
        </Text>
      </div>
      <div className={classes.value} data-metric={metric}>
        {formatValue(latest.value)}
        {latest.unit && (
          <Text span size="sm" c="dimmed" ml={4}>
            {latest.unit}
          </Text>
        )}
      </div>
    </Group>
  );
}

/** What stands in a chart's place while there is none. */
export function ChartPlace({
  height,
  failure,
  loading,
}: {
  readonly height: number;
  readonly failure: unknown;
  readonly loading: boolean;
}) {
  if (failure) return <ProblemNotice failure={failure} />;
  if (loading) return <Skeleton height={height - 12} mt={12} />;
  return (
    <div className={classes.nothing} style={{ height }}>
      Nothing was measured in this range.
    </div>
  );
}
