import { ActionIcon, Button, Card, Group, Menu, Stack, Text } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from '@tabler/icons-react';
import { useDeviceTypes } from '@/features/devices/types';
import { isObject, listAt } from '@/features/rules/document';
import { useDraft } from '@/features/rules/draft';
import { ExpressionField } from '@/features/rules/ExpressionField';
import { ChoiceField, JsonField, MetricField, NamesField, NumberField, TextField } from '@/features/rules/fields';
import classes from '@/features/rules/Fields.module.css';
import { Titled } from '@/ui/Facts';
import { STEP_KINDS, type StepKind } from './steps';

const MODES = [
  { value: 'active', label: 'Active' },
  { value: 'off', label: 'Off' },
];

/** A processing rule as fields: what it is, for which devices, and its steps in their order. */
export function StepsForm() {
  const { document, change, readOnly, errorsAt } = useDraft();
  const types = useDeviceTypes();
  const steps = listAt(document, 'steps');
  const swap = (a: number, b: number) => {
    const next = [...steps];
    [next[a], next[b]] = [next[b], next[a]];
    change('steps', next);
  };
  return (
    <>
      <Titled title="What it is">
        <Stack gap="sm">
          <TextField path="name" label="Name" />
          <div className={classes.fields}>
            <ChoiceField path="mode" label="Mode" choices={MODES} usual="active" />
            <NumberField path="position" label="Position" hint="Rules run in this order; 0, if empty." />
          </div>
          <TextField path="description" label="Description" lines />
        </Stack>
      </Titled>
      <Titled title="Which devices">
        <Stack gap="sm">
          <NamesField path="scope.device_types" label="Types" hint="All, if empty." suggestions={types} />
          <NamesField path="scope.devices" label="Devices" hint="By name or id; all, if empty." />
          <ExpressionField path="scope.filter" label="Only where" purpose="filter" optional />
        </Stack>
      </Titled>
      {steps.map((step, index) => (
        <Card key={index} component="section" aria-label={`Step ${index + 1}`}>
          <Group justify="space-between" mb="xs">
            <Text fw={550} component="h2" m={0}>
              {index + 1}. {kindOf(step)?.label ?? 'Step'}
            </Text>
            {!readOnly && (
              <Group gap={2}>
                <Move label="up" disabled={index === 0} onClick={() => swap(index, index - 1)} />
                <Move label="down" disabled={index === steps.length - 1} onClick={() => swap(index, index + 1)} />
                <ActionIcon
                  aria-label={`Remove step ${index + 1}`}
                  onClick={() => change(`steps[${index}]`, undefined)}
                >
                  <IconTrash size={16} />
                </ActionIcon>
              </Group>
            )}
          </Group>
          <Step path={`steps[${index}]`} step={step} />
        </Card>
      ))}
      {[...errorsAt('steps')].map((error) => (
        <Text key={error} size="sm" c="var(--bad)">
          {error}
        </Text>
      ))}
      {!readOnly && (
        <Menu position="bottom-start" shadow="md">
          <Menu.Target>
            <Button variant="default" leftSection={<IconPlus size={14} />} mr="auto">
              Add a step
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {STEP_KINDS.map(({ type, label, fresh }) => (
              <Menu.Item key={type} onClick={() => change(`steps[${steps.length}]`, fresh)}>
                {label}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </>
  );
}

const kindOf = (step: unknown): StepKind | undefined =>
  STEP_KINDS.find(({ type }) => isObject(step) && step.type === type);

interface MoveProps {
  readonly label: 'up' | 'down';
  readonly disabled: boolean;
  readonly onClick: () => void;
}

function Move({ label, disabled, onClick }: MoveProps) {
  const Icon = label === 'up' ? IconArrowUp : IconArrowDown;
  return (
    <ActionIcon aria-label={`Move the step ${label}`} disabled={disabled} onClick={onClick}>
      <Icon size={16} />
    </ActionIcon>
  );
}

function Step({ path, step }: { readonly path: string; readonly step: unknown }) {
  const { errorsAt } = useDraft();
  const kind = kindOf(step);
  if (!kind) return <JsonField path={path} label="JSON" />;
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        {kind.about}
      </Text>
      {[...errorsAt(path), ...errorsAt(`${path}.type`)].map((error) => (
        <Text key={error} size="sm" c="var(--bad)">
          {error}
        </Text>
      ))}
      <div className={classes.fields}>
        {kind.fields.map(({ name, label, hint, kind: of, choices }) => {
          const props = { path: `${path}.${name}`, label, hint };
          if (of === 'metric') return <MetricField key={name} {...props} />;
          if (of === 'number') return <NumberField key={name} {...props} />;
          if (of === 'text') return <TextField key={name} {...props} />;
          if (of === 'choice') return <ChoiceField key={name} {...props} choices={choices ?? []} usual="keep" />;
          return null;
        })}
      </div>
      {kind.fields.map(({ name, label, kind: of, purpose, optional }) =>
        of === 'expression' ? (
          <ExpressionField
            key={name}
            path={`${path}.${name}`}
            label={label}
            purpose={purpose ?? 'processing'}
            optional={optional}
          />
        ) : null,
      )}
    </Stack>
  );
}
