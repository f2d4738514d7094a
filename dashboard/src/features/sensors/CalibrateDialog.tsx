import { Group, NumberInput, Textarea } from '@mantine/core';
import { useState } from 'react';
import { FormDialog } from '@/ui/FormDialog';
import { type Sensor, useCalibrate } from './api';

interface Props {
  readonly device: number;
  readonly sensor: Sensor;
  readonly onClose: () => void;
}

/** What somebody has found when calibrating: in force with the next message, and noted in the history. */
export function CalibrateDialog({ device, sensor, onClose }: Props) {
  const calibrate = useCalibrate(device, sensor.id);
  const [multiplier, setMultiplier] = useState<number | string>(sensor.multiplier);
  const [offset, setOffset] = useState<number | string>(sensor.offset);
  const [note, setNote] = useState('');
  const ready = typeof multiplier === 'number' && multiplier !== 0 && typeof offset === 'number';
  return (
    <FormDialog
      title={`Calibrate ${sensor.name}`}
      act="Calibrate"
      ready={ready}
      busy={calibrate.isPending}
      failure={calibrate.error}
      onSubmit={() =>
        calibrate.mutate({ multiplier: Number(multiplier), offset: Number(offset), note }, { onSuccess: onClose })
      }
      onClose={onClose}
    >
      <Group grow align="flex-start">
        <NumberInput label="Multiplier" value={multiplier} onChange={setMultiplier} hideControls data-autofocus />
        <NumberInput label="Offset" value={offset} onChange={setOffset} hideControls />
      </Group>
      <Textarea
        label="Note"
        description="Against what, by whom, with which deviation."
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
        maxLength={2000}
        rows={2}
      />
    </FormDialog>
  );
}
