import { Button, Card, Group, Input, Progress, Select, Stack, Text } from '@mantine/core';
import { IconPlayerPlay, IconPlayerStop } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { type Range, type Span, spanOf } from '@/charts/ranges';
import { useDevice } from '@/features/devices/api';
import { RangePicker } from '@/features/device/RangePicker';
import { useLatest } from '@/features/device/telemetry';
import { formatCount, formatDuration } from '@/ui/format';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { Rows } from '@/ui/Rows';
import { Moment } from '@/ui/Time';
import { type Replay, useCancelReplay, useReplay, useStartReplay } from './api';
import { type Band, bandsOf, listed, outcomeWords, VERDICTS } from './bands';
import { metricsOf } from './conditions';
import { DeviceSelect } from './DeviceSelect';
import type { Rule } from './document';
import { useDraft } from './draft';
import { useVocabulary } from './language';
import classes from './Replay.module.css';
import { ReplayChart } from './ReplayChart';

/** A rule run over what was measured: which alerts it would have raised, beside those of the rule in force. */
export function ReplayPanel({ kept }: { readonly kept: Rule | undefined }) {
  const { document } = useDraft();
  const [device, setDevice] = useState<string | null>(null);
  const [range, setRange] = useState<Range>({ kind: 'last', preset: '24h' });
  const [span, setSpan] = useState<Span | null>(null);
  const start = useStartReplay(kept?.id ?? null);
  const cancel = useCancelReplay();
  const followed = useReplay(start.data?.id ?? null);
  const replay = followed.data ?? start.data;
  const isRunning = start.isPending || replay?.state === 'running';
  const run = () => {
    const chosen = spanOf(range, Date.now());
    setSpan(chosen);
    start.mutate({
      rule: document,
      start_time: new Date(chosen.from).toISOString(),
      end_time: new Date(chosen.to).toISOString(),
      devices: device === null ? [] : [device],
    });
  };
  const failure = start.error ?? followed.error ?? cancel.error;
  return (
    <Stack gap="md">
      <Card>
        <Stack gap="sm">
          <Text size="sm" c="dimmed">
            Runs the rule as it stands in the form over what was measured, and tells nobody.
          </Text>
          <div className={classes.controls}>
            <DeviceSelect label="Device" placeholder="All in its scope" value={device} onChange={setDevice} />
            <Input.Wrapper label="Range" labelElement="div">
              <RangePicker range={range} onRange={setRange} />
            </Input.Wrapper>
          </div>
          <Group gap="xs">
            <Button leftSection={<IconPlayerPlay size={16} />} onClick={run} loading={start.isPending}>
              Replay
            </Button>
            {isRunning && replay && (
              <Button
                variant="default"
                leftSection={<IconPlayerStop size={16} />}
                onClick={() => cancel.mutate(replay.id)}
              >
                Stop
              </Button>
            )}
          </Group>
          {replay && <Outcome replay={replay} />}
        </Stack>
      </Card>
      {failure ? <ProblemNotice failure={failure} /> : null}
      {replay && span && <Found replay={replay} span={span} device={device} condition={document.condition} />}
    </Stack>
  );
}

function Outcome({ replay }: { readonly replay: Replay }) {
  const { state, devices, devices_done, points, seconds, failure } = replay;
  const read = `${formatCount(points)} values of ${formatCount(devices)} ${devices === 1 ? 'device' : 'devices'} in ${formatDuration(1000 * seconds)}`;
  return (
    <div role="status">
      {state === 'running' && (
        <Progress
          value={devices === 0 ? 0 : (100 * devices_done) / devices}
          mb="xs"
          aria-label={`${devices_done} of ${devices} devices`}
        />
      )}
      <Text size="sm">
        {state === 'running' && `${formatCount(devices_done)} of ${formatCount(devices)} devices so far: `}
        {state === 'failed' ? `It failed: ${failure ?? ''}` : outcomeWords(replay)}
        {state === 'cancelled' && ', until it was stopped'}.{' '}
        <Text span size="sm" c="dimmed">
          {read}.
        </Text>
      </Text>
    </div>
  );
}

interface FoundProps {
  readonly replay: Replay;
  readonly span: Span;
  readonly device: string | null;
  readonly condition: unknown;
}

/** The most alerts in the list beside the chart. */
const MOST_ROWS = 200;

function Found({ replay, span, device, condition }: FoundProps) {
  const bands = useMemo(() => bandsOf(replay, span.to), [replay, span.to]);
  const rows = useMemo(() => listed(bands), [bands]);
  const [chosen, setChosen] = useState<Band | null>(null);
  // Bands are made anew with each reading: the one that was chosen is found by its place.
  const shown = bands.find((band) => chosen && samePlace(band, chosen)) ?? null;
  const name = shown?.alert.device_name ?? rows[0]?.alert.device_name ?? device;
  return (
    <>
      {name !== null && (
        <DeviceChart
          key={name}
          name={name}
          bands={bands.filter(({ alert }) => alert.device_name === name)}
          span={span}
          chosen={shown}
          onChoose={setChosen}
          condition={condition}
        />
      )}
      {rows.length > 0 && (
        <Rows
          label="Alerts that would have been"
          rows={rows.slice(0, MOST_ROWS)}
          keyOf={(band) => `${band.side}/${band.alert.device_id}/${band.alert.began_at}/${band.alert.key}`}
          columns={[
            {
              label: 'Alert',
              cell: (band) => (
                <button type="button" className={classes.choose} onClick={() => setChosen(band)}>
                  {band.alert.message}
                </button>
              ),
            },
            { label: 'Raised', cell: (band) => VERDICTS[band.verdict].words },
            { label: 'Device', quiet: true, cell: ({ alert }) => alert.device_name },
            { label: 'From', quiet: true, cell: ({ alert }) => <Moment at={alert.began_at} /> },
            { label: 'To', quiet: true, cell: ({ alert }) => <Moment at={alert.ended_at} absent="open still" /> },
          ]}
        />
      )}
      {rows.length > MOST_ROWS && (
        <Text size="sm" c="dimmed">
          The first {MOST_ROWS} of {formatCount(rows.length)} are listed.
        </Text>
      )}
    </>
  );
}

const samePlace = (a: Band, b: Band) =>
  a.side === b.side && a.alert.device_id === b.alert.device_id && a.from === b.from && a.alert.key === b.alert.key;

interface ChartProps {
  readonly name: string;
  readonly bands: readonly Band[];
  readonly span: Span;
  readonly chosen: Band | null;
  readonly onChoose: (band: Band) => void;
  readonly condition: unknown;
}

function DeviceChart({ name, condition, ...rest }: ChartProps) {
  const device = useDevice(name).data?.device;
  const known = useVocabulary()?.metrics ?? [];
  const latest = useLatest(device?.id ?? 0, device !== undefined).data ?? {};
  const measured = Object.keys(latest).filter((metric) => typeof latest[metric]!.value === 'number');
  const named = metricsOf(condition, known);
  const metrics = [...new Set([...named, ...measured])];
  const [wished, setWished] = useState<string | null>(null);
  const metric = wished ?? metrics[0];
  return (
    <Card component="section" aria-label={`What ${name} measured`}>
      <Group justify="space-between" mb="xs">
        <Text fw={550} component="h2" m={0}>
          {name}
        </Text>
        {metrics.length > 1 && (
          <Select
            aria-label="Metric"
            size="xs"
            data={metrics}
            value={metric ?? null}
            onChange={setWished}
            allowDeselect={false}
          />
        )}
      </Group>
      {device && metric ? <ReplayChart device={device.id} metric={metric} {...rest} /> : null}
    </Card>
  );
}
