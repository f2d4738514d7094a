import { Badge, Button, Card, Group, Stack, Text } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { answerOf, api, type Schemas } from '@/api/client';
import { useMay } from '@/api/me';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { Ago, Moment } from '@/ui/Time';
import classes from './Trace.module.css';

type Command = Schemas['CommandRecord'];
type State = Schemas['CommandState'];

/** How often commands that may still change are asked for, in milliseconds. */
const EVERY = 2_000;

const COLORS: Partial<Record<State, string>> = { succeeded: 'verdigris', failed: 'brick', expired: 'ochre' };
const ENDED: readonly State[] = ['succeeded', 'failed', 'expired', 'cancelled'];

export const commandKeys = { of: (device: number) => ['commands', device] as const };

/** What the device was told to do, and what became of it. */
export function CommandHistory({ device }: { readonly device: number }) {
  const pages = useInfiniteQuery({
    queryKey: commandKeys.of(device),
    queryFn: ({ pageParam }) =>
      answerOf(
        api.GET('/api/v1/devices/{device}/commands', {
          params: { path: { device: String(device) }, query: { limit: 20, cursor: pageParam || undefined } },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    refetchInterval: EVERY,
  });
  const commands = (pages.data?.pages ?? []).flatMap((page) => page.commands);
  return (
    <Stack gap="md">
      {pages.error ? <ProblemNotice failure={pages.error} retry={() => void pages.refetch()} /> : null}
      {pages.data && commands.length === 0 && (
        <Card>
          <Text size="sm" c="dimmed" role="status">
            It was not told to do anything yet.
          </Text>
        </Card>
      )}
      <ol className={classes.entries} aria-label="Commands, the newest first">
        {commands.map((command) => (
          <One key={command.id} command={command} />
        ))}
      </ol>
      {pages.hasNextPage && (
        <Group justify="center">
          <Button variant="default" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
            Show older ones
          </Button>
        </Group>
      )}
    </Stack>
  );
}

function One({ command }: { readonly command: Command }) {
  const [open, setOpen] = useState(false);
  return (
    <li>
      <details className={classes.entry} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary className={classes.command}>
          <IconChevronRight size={16} aria-hidden />
          <strong>{command.type}</strong>
          <Badge color={COLORS[command.status] ?? 'gray'}>{command.status}</Badge>
          {command.reason && <span>{command.reason}</span>}
          <Text span size="sm" c="dimmed" ml="auto">
            <Ago at={command.created_at} />
          </Text>
        </summary>
        {open && <Detail command={command} />}
      </details>
    </li>
  );
}

function Detail({ command }: { readonly command: Command }) {
  const may = useMay()('commands:send');
  const queries = useQueryClient();
  const params = { path: { command: command.id } };
  const detail = useQuery({
    queryKey: ['command', command.id, command.updated_at],
    queryFn: () => answerOf(api.GET('/api/v1/commands/{command}', { params })),
  });
  const cancel = useMutation({
    mutationFn: () => answerOf(api.POST('/api/v1/commands/{command}/cancel', { params })),
    onSettled: () => queries.invalidateQueries({ queryKey: commandKeys.of(command.device_id) }),
  });
  const failure = detail.error ?? cancel.error;
  return (
    <Stack gap="xs" mt="xs">
      <Text size="sm" c="dimmed">
        Sent by {command.author}; {ENDED.includes(command.status) ? 'was good' : 'is good'} until{' '}
        <Moment at={command.expires_at} />
      </Text>
      {Object.keys(command.parameters).length > 0 && (
        <pre className={classes.json}>{JSON.stringify(command.parameters, null, 2)}</pre>
      )}
      <ol className={classes.steps} aria-label={`Steps of ${command.type}`}>
        {(detail.data?.steps ?? []).map((step, at) => (
          <li key={at}>
            <Text span size="sm">
              <Moment at={step.at} /> <strong>{step.late ? `${step.state}, too late` : step.state}</strong>{' '}
              {proofOf(step.proof)}
            </Text>
          </li>
        ))}
      </ol>
      {command.result && <pre className={classes.json}>{JSON.stringify(command.result, null, 2)}</pre>}
      {failure ? <ProblemNotice failure={failure} /> : null}
      {may && (command.status === 'queued' || command.status === 'sent') && (
        <Group>
          <Button size="xs" variant="default" loading={cancel.isPending} onClick={() => cancel.mutate()}>
            Take it back
          </Button>
        </Group>
      )}
    </Stack>
  );
}

/** By what a step is known, in words. */
export function proofOf(proof: Record<string, unknown>): string {
  if (typeof proof.reason === 'string') return proof.reason;
  switch (proof.by) {
    case undefined:
      return '';
    case 'puback':
      return `acknowledged by the client ${String(proof.client_id)}, packet ${String(proof.packet_id)}`;
    case 'mqtt':
      return 'to its MQTT connection';
    case 'http':
      return proof.address ? `fetched from ${String(proof.address)}` : 'said over HTTP';
    case 'http_confirmation':
      return 'confirmed over HTTP';
    case 'result_topic':
    case 'status_topic':
      return 'said over MQTT';
    default:
      return String(proof.by);
  }
}
