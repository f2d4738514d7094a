import { ActionIcon, Button, Checkbox, Group, NumberInput, Select, Stack, Text } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { formatCount } from '@/ui/format';
import { usePreview } from './api';
import { previewWish } from './DevicesStep';
import type { StepProps } from './NewRolloutPage';
import classes from './Preview.module.css';
import { FRESH_STAGE, shares, type StageDraft, wishOf } from './plan';

/** Stages before the last one; the platform takes twenty. */
const MOST = 19;

/** How many devices come when, and what stops it. */
export function StagesStep({ plan, set }: StepProps) {
  const devices = usePreview(previewWish(plan)).data?.count;
  const its = devices === undefined ? null : shares(wishOf(plan).stages ?? [], devices);
  const change = (at: number, next: Partial<StageDraft>) =>
    set({ stages: plan.stages.map((stage, index) => (index === at ? { ...stage, ...next } : stage)) });
  return (
    <Stack gap="md">
      <Group gap="sm" align="flex-end">
        <NumberInput
          label="A stage has succeeded when"
          suffix=" % have installed"
          value={plan.success}
          onChange={(success) => set({ success })}
          min={0}
          max={100}
          w={230}
        />
        <NumberInput
          label="The rollout halts when more than"
          suffix=" % have failed"
          value={plan.error}
          onChange={(error) => set({ error })}
          min={0}
          max={100}
          w={230}
        />
      </Group>
      <Stack gap="sm" component="ol" m={0} p={0} style={{ listStyle: 'none' }}>
        {plan.stages.map((stage, index) => (
          <Stage
            key={index}
            stage={stage}
            number={index + 1}
            devices={its?.[index]}
            plan={plan}
            onChange={(next) => change(index, next)}
            onRemove={() => set({ stages: plan.stages.filter((_, other) => other !== index) })}
          />
        ))}
        <li>
          <Text size="sm">
            <strong>Stage {plan.stages.length + 1}</strong>:{' '}
            {plan.stages.length === 0 ? 'all devices' : 'all that are left'}
            {its && `, ${counted(its[its.length - 1]!)} as of now`}
          </Text>
        </li>
      </Stack>
      <Group>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPlus size={14} />}
          disabled={plan.stages.length >= MOST}
          onClick={() => set({ stages: [...plan.stages, FRESH_STAGE] })}
        >
          Add a stage
        </Button>
      </Group>
      <Checkbox
        label="After a halt, give devices back what they ran before"
        description="Where the image of that version is still there."
        checked={plan.rollback}
        onChange={(event) => set({ rollback: event.currentTarget.checked })}
      />
      <Checkbox
        label="Devices that match later take part in the last stage"
        description="It then runs until somebody finishes it."
        checked={plan.joins}
        onChange={(event) => set({ joins: event.currentTarget.checked })}
      />
    </Stack>
  );
}

interface StageProps extends Pick<StepProps, 'plan'> {
  readonly stage: StageDraft;
  readonly number: number;
  readonly devices: number | undefined;
  readonly onChange: (next: Partial<StageDraft>) => void;
  readonly onRemove: () => void;
}

function Stage({ stage, number, devices, plan, onChange, onRemove }: StageProps) {
  return (
    <li>
      <div className={classes.row}>
        <span className={classes.number}>Stage {number}</span>
        <NumberInput
          label="How many"
          aria-label={`Size of stage ${number}`}
          value={stage.size}
          onChange={(size) => onChange({ size })}
          min={1}
          max={stage.unit === 'percent' ? 100 : 1_000_000}
        />
        <Select
          label="Of what"
          aria-label={`Unit of stage ${number}`}
          data={[
            { value: 'devices', label: 'devices' },
            { value: 'percent', label: '% of all' },
          ]}
          value={stage.unit}
          onChange={(next) => onChange({ unit: next === 'percent' ? 'percent' : 'devices' })}
          allowDeselect={false}
        />
        <NumberInput
          label="Installed"
          aria-label={`Success of stage ${number}`}
          placeholder={`${plan.success} %`}
          suffix=" %"
          value={stage.success}
          onChange={(success) => onChange({ success })}
          min={0}
          max={100}
        />
        <NumberInput
          label="Failed at most"
          aria-label={`Errors of stage ${number}`}
          placeholder={`${plan.error} %`}
          suffix=" %"
          value={stage.error}
          onChange={(error) => onChange({ error })}
          min={0}
          max={100}
        />
        <ActionIcon className={classes.remove} aria-label={`Remove stage ${number}`} onClick={onRemove} mb={4}>
          <IconX size={16} />
        </ActionIcon>
      </div>
      {devices !== undefined && (
        <Text size="xs" c="dimmed" mt={4}>
          {counted(devices)} as of now
        </Text>
      )}
    </li>
  );
}

export const counted = (devices: number) => (devices === 1 ? '1 device' : `${formatCount(devices)} devices`);
