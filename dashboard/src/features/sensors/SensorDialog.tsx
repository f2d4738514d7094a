import { Group, NumberInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import { FormDialog } from '@/ui/FormDialog';
import { type Sensor, useSaveSensor } from './api';

interface Props {
  readonly device: number;
  readonly kept: Sensor | undefined;
  readonly onClose: () => void;
}

const numberOrNull = (value: number | string) => (typeof value === 'number' ? value : null);

/** A new sensor, or another one in its place. */
export function SensorDialog({ device, kept, onClose }: Props) {
  const save = useSaveSensor(device, kept);
  const [name, setName] = useState(kept?.name ?? '');
  const [metric, setMetric] = useState(kept?.metric ?? '');
  const [unit, setUnit] = useState(kept?.unit ?? '');
  const [multiplier, setMultiplier] = useState<number | string>(kept?.multiplier ?? 1);
  const [offset, setOffset] = useState<number | string>(kept?.offset ?? 0);
  const [min, setMin] = useState<number | string>(kept?.valid_min ?? '');
  const [max, setMax] = useState<number | string>(kept?.valid_max ?? '');
  const [days, setDays] = useState<number | string>(kept?.interval_days ?? '');
  const submit = () =>
    save.mutate(
      {
        name: name.trim(),
        metric: metric.trim(),
        unit: unit.trim() || null,
        description: kept?.description ?? '',
        multiplier: numberOrNull(multiplier) ?? 1,
        offset: numberOrNull(offset) ?? 0,
        valid_min: numberOrNull(min),
        valid_max: numberOrNull(max),
        interval_days: numberOrNull(days),
        calibrated_at: kept?.calibrated_at ?? null,
        due_at: kept?.due_at ?? null,
      },
      { onSuccess: onClose },
    );
  return (
    <FormDialog
      title={kept ? `Edit ${kept.name}` : 'New sensor'}
      act={kept ? 'Save' : 'Create'}
      ready={name.trim() !== '' && metric.trim() !== '' && multiplier !== 0}
      busy={save.isPending}
      failure={save.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <TextInput
        label="Name"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        maxLength={128}
        autoComplete="off"
        data-autofocus
      />
      <Group grow align="flex-start">
        <TextInput
          label="Metric"
          value={metric}
          onChange={(event) => setMetric(event.currentTarget.value)}
          maxLength={120}
          autoComplete="off"
        />
        <TextInput
          label="Unit"
          value={unit}
          onChange={(event) => setUnit(event.currentTarget.value)}
          maxLength={32}
          autoComplete="off"
        />
      </Group>
      <Group grow align="flex-start">
        <NumberInput label="Multiplier" value={multiplier} onChange={setMultiplier} hideControls />
        <NumberInput label="Offset" value={offset} onChange={setOffset} hideControls />
      </Group>
      <Group grow align="flex-start">
        <NumberInput label="Valid from" value={min} onChange={setMin} hideControls />
        <NumberInput label="Valid to" value={max} onChange={setMax} hideControls />
      </Group>
      <NumberInput
        label="Days between two calibrations"
        value={days}
        onChange={setDays}
        min={1}
        max={36_500}
        allowDecimal={false}
      />
    </FormDialog>
  );
}
