import { Button, Card, Group, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { IconPlayerPlay, IconPlayerStop } from '@tabler/icons-react';
import { answerOf, api, type Schemas } from '@/api/client';
import { useMay } from '@/api/me';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { Expiry } from '@/ui/Expiry';
import { Moment } from '@/ui/Time';
import classes from './Trace.module.css';

type Kept = Schemas['Trace'];
type Entry = Kept['entries'][number];

/** How often a device that is followed is asked for, in milliseconds. */
const EVERY = 1_000;

/** What comes from a device, on its way: what it sent, what became of it, and what rules said. */
export function Trace({ device }: { readonly device: number }) {
  const mayStart = useMay()('devices:write');
  const queries = useQueryClient();
  const key = ['trace', device];
  const params = { path: { device: String(device) } };
  const trace = useQuery({
    queryKey: key,
    queryFn: () => answerOf(api.GET('/api/v1/devices/{device}/trace', { params })),
    refetchInterval: (query) => (query.state.data?.is_running ? EVERY : false),
  });
  const onSuccess = () => queries.invalidateQueries({ queryKey: key });
  const start = useMutation({
    mutationFn: () => answerOf(api.POST('/api/v1/devices/{device}/trace', { params, body: { for: '10m' } })),
    onSuccess,
  });
  const end = useMutation({
    mutationFn: () => answerOf(api.DELETE('/api/v1/devices/{device}/trace', { params })),
    onSuccess,
  });
  const known = trace.data;
  const failure = trace.error ?? start.error ?? end.error;
  return (
    <Stack gap="md">
      <Card>
        <Group justify="space-between" gap="sm">
          <Text size="sm" c="dimmed">
            {known?.is_running ? (
              <>
                Followed by {known.started_by}; ends <Expiry at={known.until ?? null} />. What was seen is not stored.
              </>
            ) : (
              'Shows each message through decoding, processing and rules, for ten minutes. Nothing of it is stored.'
            )}
          </Text>
          {mayStart &&
            (known?.is_running ? (
              <Button
                variant="default"
                leftSection={<IconPlayerStop size={16} />}
                loading={end.isPending}
                onClick={() => end.mutate()}
              >
                Stop
              </Button>
            ) : (
              <Button
                leftSection={<IconPlayerPlay size={16} />}
                loading={start.isPending}
                onClick={() => start.mutate()}
              >
                Follow
              </Button>
            ))}
        </Group>
      </Card>
      {failure ? <ProblemNotice failure={failure} /> : null}
      {known && known.missed > 0 && (
        <Text size="sm" c="var(--warn)">
          {known.missed} older entries are gone.
        </Text>
      )}
      {known?.is_running && known.entries.length === 0 && (
        <Text size="sm" c="dimmed" role="status">
          Nothing has come yet.
        </Text>
      )}
      <ol className={classes.entries} aria-label="What was seen">
        {[...(known?.entries ?? [])].reverse().map((entry) => (
          <One key={entry.number} entry={entry} />
        ))}
      </ol>
    </Stack>
  );
}

/** What an entry is called by, and the rest of it as it is. */
function One({ entry }: { readonly entry: Entry }) {
  const { number, kind, received_at, ...rest } = entry;
  return (
    <li>
      <details className={classes.entry}>
        <summary>
          <span>{headOf(kind, rest)}</span>
          <Text span size="sm" c="dimmed">
            <Moment at={received_at} />
          </Text>
        </summary>
        {Object.entries(rest).map(([part, value]) => (
          <section key={part} aria-label={`${part} of ${number}`}>
            <Text size="xs" c="dimmed">
              {part.replace(/_/g, ' ')}
            </Text>
            <pre>{typeof value === 'string' ? value : JSON.stringify(value, null, 1)}</pre>
          </section>
        ))}
      </details>
    </li>
  );
}

function headOf(kind: Entry['kind'], rest: Partial<Entry>): string {
  if (kind === 'rules') {
    const rules = (rest.rules ?? []) as readonly { name?: string; holds?: boolean }[];
    return `rules: ${rules.map(({ name, holds }) => `${name} ${holds ? 'holds' : 'does not hold'}`).join(', ')}`;
  }
  return [kind, rest.via, rest.topic, rest.outcome].filter(Boolean).join(' · ');
}
