import { Button, Card, Group, Menu, Skeleton, Stack, Text, useComputedColorScheme } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { IconDownload, IconWaveSine } from '@tabler/icons-react';
import { useSearchParams } from 'react-router';
import { asProblem } from '@/api/problem';
import { fixedRange, type Range, rangeFromWord, rangeToWord, spanOf } from '@/charts/ranges';
import { curlLine, mosquittoLine, usePlace } from '@/features/devices/lines';
import { lineColor } from '@/theme/palette';
import { Columns } from '@/ui/Columns';
import { CopyLine } from '@/ui/CopyLine';
import { Empty } from '@/ui/Empty';
import { localZone } from '@/ui/format';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { MetricCard } from './MetricCard';
import { PositionCard } from './PositionCard';
import { RangePicker } from './RangePicker';
import { type DeviceStream, joinLatest } from './stream';
import { exportTelemetry, type LatestValues, useLatest } from './telemetry';

interface Props {
  readonly device: { readonly id: number; readonly name: string };
  readonly stream: DeviceStream;
}

/** All that one device measures: each metric's value now and its history, over one range for all. */
export function Measurements({ device, stream }: Props) {
  const [params, setParams] = useSearchParams();
  const range = rangeFromWord(params.get('range'));
  const setRange = (next: Range) =>
    setParams(
      (before) => {
        before.set('range', rangeToWord(next));
        return before;
      },
      { replace: true },
    );
  const scheme = useComputedColorScheme();
  const latest = useLatest(device.id);

  if (latest.error) return <ProblemNotice failure={latest.error} retry={() => void latest.refetch()} />;
  if (latest.isPending) return <MeasurementsSkeleton />;
  const values = joinLatest(latest.data, stream.fresh);
  const metrics = inOrder(values);
  const where = <PositionCard device={device} range={range} fresh={stream.fresh} />;
  if (metrics.length === 0) {
    return (
      <Stack gap="md">
        {where}
        <NothingMeasured device={device} />
      </Stack>
    );
  }
  return (
    <Stack gap="md">
      <Group justify="space-between" gap="sm">
        <RangePicker range={range} onRange={setRange} />
        <Export device={device} range={range} />
      </Group>
      {where}
      <Columns from={metrics.length > 1 ? 'lg' : undefined}>
        {metrics.map((metric, index) => (
          <MetricCard
            key={metric}
            device={device.id}
            metric={metric}
            latest={values[metric]!}
            range={range}
            color={lineColor(index, scheme)}
            stream={stream}
            onZoom={(from, to) => setRange(fixedRange(from, to))}
          />
        ))}
      </Columns>
      <Text size="xs" c="dimmed">
        Drag over a chart to look closer. The band is between the lowest and the highest value of each window. Times are
        of {localZone()}.
      </Text>
    </Stack>
  );
}

/** Lines first, then states, each by name: cards of one height stand side by side. */
export function inOrder(values: LatestValues): string[] {
  const isState = (metric: string) => (typeof values[metric]!.value === 'number' ? 0 : 1);
  return Object.keys(values).sort((a, b) => isState(a) - isState(b) || a.localeCompare(b, 'en'));
}

function Export({ device, range }: { readonly device: Props['device']; readonly range: Range }) {
  const save = useMutation({
    mutationFn: (format: 'csv' | 'ndjson') => exportTelemetry(device, spanOf(range, Date.now()), format),
    onError: (failure) => {
      const problem = asProblem(failure);
      notifications.show({ color: 'brick', title: problem.title, message: problem.detail });
    },
  });
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <Button size="xs" variant="default" leftSection={<IconDownload size={14} />} loading={save.isPending}>
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Every value of this range</Menu.Label>
        <Menu.Item onClick={() => save.mutate('csv')}>CSV</Menu.Item>
        <Menu.Item onClick={() => save.mutate('ndjson')}>NDJSON</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function MeasurementsSkeleton() {
  return (
    <Columns from="lg" aria-busy aria-label="Loading measurements">
      {[1, 2, 3, 4].map((card) => (
        <Card key={card}>
          <Skeleton height={20} width="40%" />
          <Skeleton height={190} mt="md" />
        </Card>
      ))}
    </Columns>
  );
}

function NothingMeasured({ device }: { readonly device: Props['device'] }) {
  const place = usePlace();
  return (
    <Card>
      <Empty icon={IconWaveSine} title="Nothing measured yet">
        <Text size="sm" c="dimmed" ta="center">
          Send a first value with the device's API key; it appears here at once.
        </Text>
        <CopyLine titled label="Over MQTT" text={mosquittoLine(place, device, 'API_KEY')} />
        <CopyLine titled label="Over HTTP" text={curlLine(place, 'API_KEY')} />
        <Text size="sm" c="dimmed" ta="center">
          The key is lost? Rotate it from the device's menu.
        </Text>
      </Empty>
    </Card>
  );
}
