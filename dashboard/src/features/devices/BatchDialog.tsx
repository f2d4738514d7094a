import { Button, Checkbox, Code, Group, JsonInput, Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answerOf, api, type Schemas } from '@/api/client';
import type { FeedEvent } from '@/live/feed';
import { useFeed, useFeedStatus } from '@/live/FeedContext';
import { formatCount } from '@/ui/format';
import { MONO } from '@/ui/mono';
import { ProblemNotice } from '@/ui/ProblemNotice';

type Operation = Schemas['NewBatch']['operation'];
type Counts = Schemas['BatchCounts'];

/** What each operation does, and parameters to begin with. */
export const OPERATIONS: Record<Operation, { readonly label: string; readonly params: string }> = {
  set_tags: { label: 'Set tags', params: '{"set": {"site": "north"}}' },
  set_status: { label: 'Set the status', params: '{"status": "maintenance"}' },
  group: { label: 'Put into a group, or take out', params: '{"add": "Hall 3"}' },
  set_configuration: { label: 'Set a configuration key', params: '{"key": "interval", "value": 30}' },
  command: { label: 'Send a command', params: '{"type": "restart"}' },
  firmware: { label: 'Offer firmware', params: '{"firmware_id": 1}' },
  delete: { label: 'Decommission', params: '{}' },
};

/** The object that a text means; `null` when it is none. */
export function objectFrom(text: string): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(text.trim() || '{}');
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

/** Does something to many devices, after a look at which they are. */
export function BatchDialog({ filter: first, onClose }: { readonly filter: string; readonly onClose: () => void }) {
  const [operation, setOperation] = useState<Operation>('set_tags');
  const [filter, setFilter] = useState(first);
  const [params, setParams] = useState(OPERATIONS.set_tags.params);
  const [atomic, setAtomic] = useState(false);
  const wish = { operation, filter, params: objectFrom(params) ?? {}, atomic };
  const asked = JSON.stringify(wish);
  const preview = useMutation({
    mutationFn: async () => {
      const answer = await answerOf(api.POST('/api/v1/devices/batch', { body: { ...wish, dry_run: true } }));
      return { asked, answer: answer as Schemas['BatchPreview'] };
    },
  });
  const start = useMutation({
    mutationFn: async () =>
      (await answerOf(api.POST('/api/v1/devices/batch', { body: { ...wish, dry_run: false } }))) as Schemas['Batch'],
  });
  const ready = filter.trim() !== '' && objectFrom(params) !== null;
  const seen = preview.data?.asked === asked ? preview.data.answer : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (seen) start.mutate();
    else if (ready) preview.mutate();
  };
  if (start.data) return <Progress batch={start.data} onClose={onClose} />;
  const failure = preview.error ?? start.error;
  return (
    <Modal opened onClose={onClose} title="Do something to many devices" size="lg">
      <form onSubmit={submit}>
        <Stack gap="md">
          <Select
            label="What"
            data={Object.entries(OPERATIONS).map(([value, { label }]) => ({ value, label }))}
            value={operation}
            onChange={(next) => {
              const chosen = (next ?? 'set_tags') as Operation;
              setOperation(chosen);
              setParams(OPERATIONS[chosen].params);
            }}
            allowDeselect={false}
          />
          <TextInput
            label="To which devices"
            description="An expression over device and metadata."
            placeholder="device.type === 'pump' && metadata.site === 'north'"
            value={filter}
            onChange={(event) => setFilter(event.currentTarget.value)}
            spellCheck={false}
            data-autofocus
            styles={MONO}
          />
          <JsonInput
            label="Parameters"
            value={params}
            onChange={setParams}
            error={objectFrom(params) === null ? 'This is not a JSON object.' : undefined}
            autosize
            minRows={2}
            styles={MONO}
          />
          <Checkbox
            label="To all of them, or to none if one refuses"
            checked={atomic}
            onChange={(event) => setAtomic(event.currentTarget.checked)}
          />
          {failure ? <ProblemNotice failure={failure} /> : null}
          {seen && <Preview preview={seen} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button
              type="submit"
              color={seen && operation === 'delete' ? 'brick' : undefined}
              disabled={!ready || seen?.devices === 0}
              loading={preview.isPending || start.isPending}
            >
              {seen ? `Do it to ${formatCount(seen.devices)}` : 'Look first'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function Preview({ preview }: { readonly preview: Schemas['BatchPreview'] }) {
  const { counts, devices, outcomes } = preview;
  const refused = outcomes.filter((line) => line.outcome === 'failed');
  return (
    <Stack gap="xs" role="status">
      <Text size="sm">
        {formatCount(devices)} devices: {formatCount(counts.done)} would change, {formatCount(counts.unchanged)} are so
        already, {formatCount(counts.failed)} would refuse.
      </Text>
      <Text size="sm" c="dimmed">
        {outcomes
          .slice(0, 12)
          .map((line) => line.device_name)
          .join(', ')}
        {devices > 12 && ', …'}
      </Text>
      {refused.slice(0, 3).map((line) => (
        <Text size="sm" key={line.device_id}>
          <Code>{line.device_name}</Code> {line.detail}
        </Text>
      ))}
    </Stack>
  );
}

function Progress({ batch, onClose }: { readonly batch: Schemas['Batch']; readonly onClose: () => void }) {
  const params = { path: { batch: String(batch.id) } };
  const live = useFeedStatus() === 'open';
  const queries = useQueryClient();
  const key = ['batch', batch.id];
  const now = useQuery({
    queryKey: key,
    queryFn: () => answerOf(api.GET('/api/v1/batches/{batch}', { params })),
    // Told by the feed; asked beside it now and then, for what is told on another node.
    refetchInterval: (query) => (query.state.data?.status === 'done' ? false : live ? 3000 : 500),
  });
  useFeed(now.data?.status === 'done' ? null : { types: ['batch'] }, {
    event: (event) => queries.setQueryData<Schemas['Batch']>(key, (known) => withProgress(known ?? batch, event)),
    resumed: () => void now.refetch(),
  });
  const failed = useQuery({
    queryKey: ['batch', batch.id, 'failed', now.data?.counts.failed ?? 0],
    queryFn: () =>
      answerOf(
        api.GET('/api/v1/batches/{batch}/outcomes', {
          params: { ...params, query: { outcome: 'failed', limit: 5 } },
        }),
      ),
    enabled: (now.data?.counts.failed ?? 0) > 0,
  });
  const known = now.data ?? batch;
  return (
    <Modal opened onClose={onClose} title={`${OPERATIONS[known.operation as Operation].label}: ${known.status}`}>
      <Stack gap="md">
        <Text size="sm" role="status">
          {wordsOf(known.counts, known.devices)}
        </Text>
        {(failed.data?.outcomes ?? []).map((line) => (
          <Text size="sm" key={line.device_id}>
            <Code>{line.device_name}</Code> {line.detail}
          </Text>
        ))}
        {now.error ? <ProblemNotice failure={now.error} /> : null}
        <Group justify="flex-end">
          <Button onClick={onClose}>Close</Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** The batch as an event tells it; events of others, and such as are older, change nothing. */
export function withProgress(batch: Schemas['Batch'], event: FeedEvent): Schemas['Batch'] {
  if (event.batch_id !== batch.id || batch.status === 'done') return batch;
  return { ...batch, status: event.status as Schemas['Batch']['status'], counts: event.counts as Counts };
}

/** How far a batch has come. */
export function wordsOf(counts: Counts, devices: number): string {
  const parts = [`${formatCount(counts.done)} of ${formatCount(devices)} done`];
  if (counts.unchanged > 0) parts.push(`${formatCount(counts.unchanged)} were so already`);
  if (counts.failed > 0) parts.push(`${formatCount(counts.failed)} refused`);
  if (counts.waiting > 0) parts.push(`${formatCount(counts.waiting)} to go`);
  return `${parts.join(', ')}.`;
}
