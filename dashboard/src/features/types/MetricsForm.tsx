import { ActionIcon, Button, Card, Checkbox, Group, NumberInput, Select, Stack, Text, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { FRESH_METRIC, type MetricDraft } from './draft';
import classes from './MetricsForm.module.css';

interface Props {
  readonly metrics: readonly MetricDraft[];
  readonly onChange: (metrics: readonly MetricDraft[]) => void;
}

/** What devices of the type measure. */
export function MetricsForm({ metrics, onChange }: Props) {
  const change = (at: number, next: Partial<MetricDraft>) =>
    onChange(metrics.map((metric, index) => (index === at ? { ...metric, ...next } : metric)));
  return (
    <Card>
      <Stack gap="sm">
        <Text component="h2" fw={550} m={0}>
          Metrics
        </Text>
        {metrics.map((metric, index) => (
          <Metric
            key={index}
            metric={metric}
            onChange={(next) => change(index, next)}
            onRemove={() => onChange(metrics.filter((_, other) => other !== index))}
          />
        ))}
        <Group>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconPlus size={14} />}
            onClick={() => onChange([...metrics, FRESH_METRIC])}
          >
            Add a metric
          </Button>
        </Group>
        <Text size="xs" c="dimmed">
          Beyond its bounds a value is stored with the quality invalid. Metrics that are not named here are stored as
          well.
        </Text>
      </Stack>
    </Card>
  );
}

const KINDS = ['number', 'boolean', 'text'];

interface MetricProps {
  readonly metric: MetricDraft;
  readonly onChange: (next: Partial<MetricDraft>) => void;
  readonly onRemove: () => void;
}

function Metric({ metric, onChange, onRemove }: MetricProps) {
  const isNumber = metric.type === 'number';
  return (
    <Group className={classes.metric} gap="sm" align="flex-end">
      <TextInput
        label="Name"
        value={metric.name}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
        maxLength={120}
        autoComplete="off"
      />
      <Select
        label="Type"
        data={KINDS}
        value={metric.type}
        onChange={(next) => next && onChange({ type: next as MetricDraft['type'] })}
        allowDeselect={false}
        w={110}
      />
      <TextInput
        label="Unit"
        value={metric.unit}
        onChange={(event) => onChange({ unit: event.currentTarget.value })}
        maxLength={32}
        w={90}
        autoComplete="off"
      />
      <NumberInput
        label="Min"
        value={metric.min}
        onChange={(min) => onChange({ min })}
        disabled={!isNumber}
        hideControls
        w={90}
      />
      <NumberInput
        label="Max"
        value={metric.max}
        onChange={(max) => onChange({ max })}
        disabled={!isNumber}
        hideControls
        w={90}
      />
      <Checkbox
        label="Sensitive"
        checked={metric.sensitive}
        onChange={(event) => onChange({ sensitive: event.currentTarget.checked })}
        mb={8}
      />
      <ActionIcon
        className={classes.remove}
        aria-label={`Remove ${metric.name || 'the metric'}`}
        onClick={onRemove}
        mb={4}
      >
        <IconX size={16} />
      </ActionIcon>
    </Group>
  );
}
