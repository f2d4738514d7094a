import { ActionIcon, Button, Checkbox, Chip, Group, NumberInput, Select, Stack, Text, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { localZone } from '@/ui/format';
import type { StepProps } from './NewRolloutPage';
import classes from './Preview.module.css';
import { type Day, DAYS, dayWord, type WindowDraft } from './plan';

/** The platform takes twenty. */
const MOST = 20;
const TIMEOUTS = ['10m', '30m', '1h', '6h', '1d', '7d'];
const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];

/** When devices may be offered the image, how fast, and who must agree. */
export function TimeStep({ plan, set }: StepProps) {
  const change = (at: number, next: Partial<WindowDraft>) =>
    set({ windows: plan.windows.map((window, index) => (index === at ? { ...window, ...next } : window)) });
  return (
    <Stack gap="md">
      <Group gap="sm" align="flex-end">
        <TextInput
          type="datetime-local"
          label="Begins"
          description={plan.start === '' ? 'Empty: at once' : `In ${localZone()}`}
          value={plan.start}
          onChange={(event) => set({ start: event.currentTarget.value })}
          w={230}
        />
        <NumberInput
          label="Offers a minute, at most"
          description="Empty: as fast as they come"
          value={plan.rate}
          onChange={(rate) => set({ rate })}
          min={0}
          w={230}
        />
      </Group>
      <Stack gap="sm">
        <Text size="sm" fw={500}>
          Maintenance windows
        </Text>
        {plan.windows.length === 0 && (
          <Text size="sm" c="dimmed">
            None: devices may be offered the image at any time.
          </Text>
        )}
        {plan.windows.map((window, index) => (
          <Window
            key={index}
            window={window}
            number={index + 1}
            onChange={(next) => change(index, next)}
            onRemove={() => set({ windows: plan.windows.filter((_, other) => other !== index) })}
          />
        ))}
        <Group>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconPlus size={14} />}
            disabled={plan.windows.length >= MOST}
            onClick={() =>
              set({ windows: [...plan.windows, { days: [], from: '22:00', to: '04:00', zone: localZone() }] })
            }
          >
            Add a window
          </Button>
        </Group>
      </Stack>
      <Group gap="sm" align="flex-end">
        <NumberInput
          label="Attempts of a device"
          value={plan.attempts}
          onChange={(attempts) => set({ attempts })}
          min={1}
          max={10}
          w={160}
        />
        <Select
          label="Given up after a silence of"
          data={TIMEOUTS}
          value={plan.timeout}
          onChange={(next) => next && set({ timeout: next })}
          allowDeselect={false}
          w={200}
        />
      </Group>
      <Checkbox
        label="A second person must approve it"
        description="It begins when somebody else than you has."
        checked={plan.approval}
        onChange={(event) => set({ approval: event.currentTarget.checked })}
      />
    </Stack>
  );
}

interface WindowProps {
  readonly window: WindowDraft;
  readonly number: number;
  readonly onChange: (next: Partial<WindowDraft>) => void;
  readonly onRemove: () => void;
}

function Window({ window, number, onChange, onRemove }: WindowProps) {
  return (
    <div className={classes.window} role="group" aria-label={`Window ${number}`}>
      <Stack gap="sm">
        <Chip.Group multiple value={[...window.days]} onChange={(days) => onChange({ days: days as Day[] })}>
          <Group gap={6}>
            {DAYS.map((day) => (
              <Chip key={day} value={day} size="xs" aria-label={dayWord(day)}>
                {dayWord(day).slice(0, 2)}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
        {window.days.length === 0 && (
          <Text size="xs" c="dimmed">
            No day is chosen: every day.
          </Text>
        )}
        <div className={classes.times}>
          <TextInput
            type="time"
            label="From"
            value={window.from}
            onChange={(event) => onChange({ from: event.currentTarget.value })}
          />
          <TextInput
            type="time"
            label="To"
            value={window.to}
            onChange={(event) => onChange({ to: event.currentTarget.value })}
          />
          <Select
            className={classes.zone}
            label="Time zone"
            data={ZONES.includes(window.zone) ? ZONES : [window.zone, ...ZONES]}
            value={window.zone}
            onChange={(zone) => zone && onChange({ zone })}
            allowDeselect={false}
            searchable
            limit={50}
          />
        </div>
        {window.from !== '' && window.to !== '' && window.to <= window.from && (
          <Text size="xs" c="dimmed">
            Over midnight; the day is the one on which it begins.
          </Text>
        )}
      </Stack>
      <ActionIcon aria-label={`Remove window ${number}`} onClick={onRemove}>
        <IconX size={16} />
      </ActionIcon>
    </div>
  );
}
