import { Button, Card, Group, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { IconPlayerPlay, IconPlayerStop } from '@tabler/icons-react';
import { answerOf, api, type Schemas } from '@/api/client';
import { useMay } from '@/api/me';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { Expiry } from '@/ui/Expiry';
import classes from './Trace.module.css';
import { passagesOf } from './traced';
import { TraceEntry } from './TraceEntry';

type Kept = Schemas['Trace'];

/** How often a device that is followed is asked for, in milliseconds. */
const EVERY = 1_000;

/** Entries that are shown at most, as many as the platform keeps. */
const MOST = 500;

/** What was known with what is new. */
function continued(before: Kept | undefined, next: Kept): Kept {
  if (!before) return next;
  const entries = [...before.entries, ...next.entries].slice(-MOST);
  return { ...next, entries, missed: before.missed + next.missed };
}

/** What comes from a device, on its way: what it sent, what became of it, and what rules said. */
export function Trace({ device }: { readonly device: number }) {
  const mayStart = useMay()('devices:write');
  const queries = useQueryClient();
  const key = ['trace', device];
  const params = { path: { device: String(device) } };
  const trace = useQuery({
    queryKey: key,
    queryFn: async () => {
      const before = queries.getQueryData<Kept>(key);
      const since = (after: number) =>
        answerOf(api.GET('/api/v1/devices/{device}/trace', { params: { ...params, query: { after } } }));
      const next = await since(before?.last ?? 0);
      if (!before || before.started_at === next.started_at) return continued(before, next);
      return before.last > 0 ? since(0) : next;
    },
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
        {passagesOf(known?.entries ?? []).map((passage) => (
          <TraceEntry key={passage.number} passage={passage} />
        ))}
      </ol>
    </Stack>
  );
}
