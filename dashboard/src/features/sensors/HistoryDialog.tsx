import { Modal, Stack, Text } from '@mantine/core';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { type Column, Rows, RowsSkeleton } from '@/ui/Rows';
import { Moment } from '@/ui/Time';
import { type Calibrated, type Sensor, useCalibrations } from './api';
import { calibrationWords } from './words';

interface Props {
  readonly device: number;
  readonly sensor: Sensor;
  readonly onClose: () => void;
}

const COLUMNS: readonly Column<Calibrated>[] = [
  { label: 'When', cell: (it) => <Moment at={it.calibrated_at ?? it.created_at} /> },
  { label: 'Before', cell: (it) => calibrationWords(it.before) },
  { label: 'After', cell: (it) => calibrationWords(it.after) },
  { label: 'By', quiet: true, cell: (it) => it.author },
  { label: 'Note', quiet: true, cell: (it) => it.note || '–' },
];

/** How a sensor was calibrated, the newest first. */
export function HistoryDialog({ device, sensor, onClose }: Props) {
  const found = useCalibrations(device, sensor.id);
  return (
    <Modal opened onClose={onClose} title={`Calibrations of ${sensor.name}`} size="xl">
      <Stack gap="md">
        {found.error ? <ProblemNotice failure={found.error} /> : null}
        {!found.data && !found.error && <RowsSkeleton label="Loading calibrations" />}
        {found.data?.count === 0 && <Text size="sm">It was never calibrated here.</Text>}
        {found.data && found.data.count > 0 && (
          <Rows label="Calibrations" columns={COLUMNS} rows={found.data.calibrations} keyOf={(it) => it.id} />
        )}
      </Stack>
    </Modal>
  );
}
