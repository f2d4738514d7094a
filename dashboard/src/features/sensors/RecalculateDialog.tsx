import { Progress, Select, Text } from '@mantine/core';
import { useState } from 'react';
import { FormDialog } from '@/ui/FormDialog';
import { formatCount } from '@/ui/format';
import { type Sensor, useRecalculate, useRecalculation } from './api';

interface Props {
  readonly device: number;
  readonly sensor: Sensor;
  readonly onClose: () => void;
}

const SPANS = [
  { value: '-1d', label: 'The last day' },
  { value: '-7d', label: 'The last 7 days' },
  { value: '-30d', label: 'The last 30 days' },
  { value: '1970-01-01T00:00:00Z', label: 'All of it' },
];

/** Makes stored values again out of what was sent, with the present calibration. */
export function RecalculateDialog({ device, sensor, onClose }: Props) {
  const start = useRecalculate(device, sensor.id);
  const [from, setFrom] = useState('-7d');
  const seen = useRecalculation(start.data?.id).data ?? start.data;
  return (
    <FormDialog
      title={`Recalculate ${sensor.metric}`}
      act="Recalculate"
      busy={start.isPending || seen?.state === 'running'}
      failure={start.error}
      onSubmit={() => start.mutate(from)}
      onClose={onClose}
    >
      <Text size="sm">
        Stored values of {sensor.metric} are made again out of what the device sent, with the present calibration. What
        was sent is kept; the same again changes nothing.
      </Text>
      <Select label="Of" data={SPANS} value={from} onChange={(next) => next && setFrom(next)} allowDeselect={false} />
      {seen && (
        <>
          <Progress value={seen.progress * 100} aria-label="Progress" />
          <Text size="sm" role="status">
            {seen.state === 'failed' ? seen.error : seen.state}: {formatCount(seen.rows)} times looked at,{' '}
            {formatCount(seen.changed)} values changed
            {seen.left_alone > 0 ? `, ${formatCount(seen.left_alone)} left alone` : ''}
          </Text>
        </>
      )}
    </FormDialog>
  );
}
