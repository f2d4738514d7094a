import { Badge, Button, Card, Group, Stack, Text } from '@mantine/core';
import { IconGauge, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useMay } from '@/api/me';
import { Confirm } from '@/ui/Confirm';
import { Empty } from '@/ui/Empty';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { RowMenu } from '@/ui/RowMenu';
import { type Column, Rows, RowsSkeleton } from '@/ui/Rows';
import { Ago, Moment } from '@/ui/Time';
import { type Sensor, useDeleteSensor, useSensors } from './api';
import { CalibrateDialog } from './CalibrateDialog';
import { HistoryDialog } from './HistoryDialog';
import { RecalculateDialog } from './RecalculateDialog';
import { SensorDialog } from './SensorDialog';
import { calibrationWords, validWords } from './words';

const COLUMNS: readonly Column<Sensor>[] = [
  {
    label: 'Sensor',
    cell: (sensor) => (
      <>
        {sensor.name}
        <Text size="sm" c="dimmed" fw={400}>
          {sensor.metric}
          {sensor.unit ? ` in ${sensor.unit}` : ''}
        </Text>
      </>
    ),
  },
  { label: 'Calibration', cell: (sensor) => calibrationWords(sensor) },
  { label: 'Valid', quiet: true, cell: (sensor) => validWords(sensor) },
  { label: 'Calibrated', quiet: true, cell: (sensor) => <Ago at={sensor.calibrated_at} /> },
  { label: 'Due', cell: (sensor) => <Due sensor={sensor} /> },
];

function Due({ sensor }: { readonly sensor: Sensor }) {
  if (sensor.is_overdue) return <Badge color="brick">overdue</Badge>;
  return <Moment at={sensor.due_at} />;
}

type Dialog = 'edit' | 'calibrate' | 'history' | 'recalculate' | 'remove';

/** What measures a device's metrics, and how it was calibrated. */
export function Sensors({ device }: { readonly device: number }) {
  const may = useMay();
  const mayWrite = may('devices:write');
  const found = useSensors(device);
  const [open, setOpen] = useState<{ readonly dialog: Dialog; readonly sensor?: Sensor } | null>(null);
  const close = () => setOpen(null);
  if (found.error) return <ProblemNotice failure={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <RowsSkeleton label="Loading sensors" />;
  const actions = (sensor: Sensor) => {
    const act = (dialog: Dialog) => () => setOpen({ dialog, sensor });
    return (
      <RowMenu
        name={sensor.name}
        acts={[
          mayWrite && { label: 'Calibrate', run: act('calibrate') },
          mayWrite && { label: 'Edit', run: act('edit') },
          { label: 'History', run: act('history') },
          may('telemetry:write') && { label: 'Recalculate', run: act('recalculate') },
          mayWrite && { label: 'Delete', danger: true, run: act('remove') },
        ]}
      />
    );
  };
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          A calibration works on what arrives from now on; what was sent is kept beside it.
        </Text>
        {mayWrite && (
          <Button size="xs" leftSection={<IconPlus size={14} />} onClick={() => setOpen({ dialog: 'edit' })}>
            New sensor
          </Button>
        )}
      </Group>
      {found.data.sensors.length > 0 ? (
        <Rows
          label="Sensors"
          columns={COLUMNS}
          rows={found.data.sensors}
          keyOf={(sensor) => sensor.id}
          actions={actions}
        />
      ) : (
        <Card>
          <Empty icon={IconGauge} title="No sensor is known">
            Values are stored as they come. A sensor gives a metric its unit, its calibration and the day of the next.
          </Empty>
        </Card>
      )}
      {open?.dialog === 'edit' && <SensorDialog device={device} kept={open.sensor} onClose={close} />}
      {open?.dialog === 'calibrate' && <CalibrateDialog device={device} sensor={open.sensor!} onClose={close} />}
      {open?.dialog === 'history' && <HistoryDialog device={device} sensor={open.sensor!} onClose={close} />}
      {open?.dialog === 'recalculate' && <RecalculateDialog device={device} sensor={open.sensor!} onClose={close} />}
      {open?.dialog === 'remove' && <DeleteDialog device={device} sensor={open.sensor!} onClose={close} />}
    </Stack>
  );
}

interface DeleteProps {
  readonly device: number;
  readonly sensor: Sensor;
  readonly onClose: () => void;
}

function DeleteDialog({ device, sensor, onClose }: DeleteProps) {
  const remove = useDeleteSensor(device);
  return (
    <Confirm
      title="Delete a sensor"
      act="Delete"
      danger
      busy={remove.isPending}
      failure={remove.error}
      onConfirm={() => remove.mutate(sensor.id, { onSuccess: onClose })}
      onClose={onClose}
    >
      <strong>{sensor.name}</strong> goes with its history and its certificate. What arrives from now on is stored as it
      comes.
    </Confirm>
  );
}
