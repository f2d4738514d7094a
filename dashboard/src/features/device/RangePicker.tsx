import { Button, Group, Popover, SegmentedControl, Stack, TextInput } from '@mantine/core';
import { IconCalendar, IconZoomReset } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { fixedRange, type Preset, PRESETS, type Range, spanOf } from '@/charts/ranges';
import { formatSpan } from '@/ui/format';

interface Props {
  readonly range: Range;
  readonly onRange: (range: Range) => void;
}

/** The usual spans, a span of one's own, and the way back from a closer look. */
export function RangePicker({ range, onRange }: Props) {
  return (
    <Group gap="xs" wrap="wrap">
      <SegmentedControl
        aria-label="Range"
        size="xs"
        data={[...PRESETS]}
        value={range.kind === 'last' ? range.preset : ''}
        onChange={(preset) => onRange({ kind: 'last', preset: preset as Preset })}
      />
      <Custom key={range.kind === 'fixed' ? `${range.from}-${range.to}` : 'live'} range={range} onRange={onRange} />
      {range.kind === 'fixed' && (
        <Button
          size="xs"
          variant="subtle"
          leftSection={<IconZoomReset size={14} />}
          onClick={() => onRange({ kind: 'last', preset: '15m' })}
        >
          Back to live
        </Button>
      )}
    </Group>
  );
}

function Custom({ range, onRange }: Props) {
  const [opened, setOpened] = useState(false);
  const [span] = useState(() => spanOf(range, Date.now()));
  const [from, setFrom] = useState(localInput(span.from));
  const [to, setTo] = useState(localInput(span.to));
  const [start, end] = [Date.parse(from), Date.parse(to)];
  const valid = start < end;
  const apply = (event: FormEvent) => {
    event.preventDefault();
    if (!valid) return;
    setOpened(false);
    onRange(fixedRange(start, end));
  };
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" shadow="md" trapFocus>
      <Popover.Target>
        <Button
          size="xs"
          h="auto"
          mih={30}
          maw="100%"
          styles={{ label: { whiteSpace: 'normal' } }}
          variant={range.kind === 'fixed' ? 'light' : 'default'}
          leftSection={<IconCalendar size={14} />}
          onClick={() => setOpened(!opened)}
        >
          {range.kind === 'fixed' ? formatSpan(range.from, range.to) : 'Custom'}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form onSubmit={apply}>
          <Stack gap="sm">
            <TextInput
              type="datetime-local"
              step={1}
              label="From"
              value={from}
              onChange={(event) => setFrom(event.currentTarget.value)}
              required
            />
            <TextInput
              type="datetime-local"
              step={1}
              label="To"
              value={to}
              onChange={(event) => setTo(event.currentTarget.value)}
              error={from && to && !valid ? 'Must be after the beginning.' : undefined}
              required
            />
            <Button type="submit" disabled={!valid}>
              Show
            </Button>
          </Stack>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}

/** As `datetime-local` has it: in the reader's zone, without naming it. */
function localInput(millis: number): string {
  const date = new Date(millis);
  return new Date(millis - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}
