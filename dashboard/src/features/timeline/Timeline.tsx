import { Anchor, Button, Card, Chip, Group, Skeleton, Stack, Text } from '@mantine/core';
import { useThrottledCallback } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import {
  IconAdjustments,
  IconBell,
  IconCpu,
  IconGhost2,
  IconPencil,
  IconRuler2,
  IconTerminal2,
  IconWifi,
} from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { useMay } from '@/api/me';
import { useFeed } from '@/live/FeedContext';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { type Entry, type Kind, timelineKeys, useTimeline } from './api';
import classes from './Timeline.module.css';
import { actorOf, byDay, clockWords, fullTime, KIND_WORDS, placeOf, sentenceOf, toneOf } from './words';

const ICONS: Readonly<Record<Kind, typeof IconBell>> = {
  device: IconPencil,
  presence: IconWifi,
  alert: IconBell,
  command: IconTerminal2,
  configuration: IconAdjustments,
  firmware: IconCpu,
  shadow: IconGhost2,
  sensor: IconRuler2,
};
const KINDS = Object.keys(KIND_WORDS) as Kind[];

/** How often what is shown is read again while things happen, in milliseconds. */
const BREATH = 3_000;
/** Events of a device that are no news here. */
const NO_NEWS = ['heartbeat', 'status', 'error'];

/** The whole story of a device, the newest first. */
export function Timeline({ device }: { readonly device: number }) {
  const [kinds, setKinds] = useState<readonly Kind[]>([]);
  const { rows, isPending, failure, retry, more, isFetchingMore } = useTimeline(device, kinds);
  const may = useMay();
  const queries = useQueryClient();
  const readAgain = useThrottledCallback(
    () => void queries.invalidateQueries({ queryKey: timelineKeys.of(device) }),
    BREATH,
  );
  useFeed(
    { types: may('alerts:read') ? ['device', 'command', 'alert'] : ['device', 'command'], devices: [device] },
    {
      event: ({ event }) => {
        if (!NO_NEWS.includes(String(event))) readAgain();
      },
      lagged: readAgain,
      resumed: readAgain,
    },
  );
  return (
    <Stack gap="md">
      <Chip.Group multiple value={[...kinds]} onChange={(next) => setKinds(next as Kind[])}>
        <Group gap={6} role="group" aria-label="Kinds">
          {KINDS.filter((kind) => kind !== 'alert' || may('alerts:read')).map((kind) => (
            <Chip key={kind} value={kind} size="xs">
              {KIND_WORDS[kind]}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
      {failure ? <ProblemNotice failure={failure} retry={retry} /> : null}
      {isPending && <Skeleton height={200} aria-label="Loading the timeline" />}
      {!isPending && !failure && rows.length === 0 && (
        <Card>
          <Text size="sm" c="dimmed" role="status">
            Nothing of this kind has happened.
          </Text>
        </Card>
      )}
      {byDay(rows).map(({ day, entries }) => (
        <section key={day} aria-label={day}>
          <Text component="h2" size="sm" fw={550} c="dimmed" m={0} mb={6}>
            {day}
          </Text>
          <ol className={classes.entries}>
            {entries.map((entry, index) => (
              <Line key={`${entry.timestamp} ${entry.kind} ${entry.link} ${index}`} entry={entry} device={device} />
            ))}
          </ol>
        </section>
      ))}
      {more && (
        <Group justify="center">
          <Button variant="default" onClick={more} loading={isFetchingMore}>
            Show what was before
          </Button>
        </Group>
      )}
      {!isPending && !may('audit:read') && (
        <Text size="xs" c="dimmed">
          Who has changed the device stands in the audit log, which your role does not include.
        </Text>
      )}
    </Stack>
  );
}

function Line({ entry, device }: { readonly entry: Entry; readonly device: number }) {
  const Picture = ICONS[entry.kind];
  const { words, detail } = sentenceOf(entry);
  const place = placeOf(entry, device);
  const actor = actorOf(entry);
  return (
    <li className={classes.entry} data-tone={toneOf(entry) ?? undefined}>
      <Picture size={16} stroke={1.7} className={classes.icon} aria-hidden />
      <div className={classes.words}>
        {place ? (
          <Anchor component={Link} to={place} size="sm" c="inherit">
            {words}
          </Anchor>
        ) : (
          <Text span size="sm">
            {words}
          </Text>
        )}
        {actor && (
          <Text span size="sm" c="dimmed">
            {' '}
            by {actor}
          </Text>
        )}
        {detail && (
          <Text size="xs" c="dimmed" lineClamp={3}>
            {detail}
          </Text>
        )}
      </div>
      <time className={classes.time} dateTime={entry.timestamp} title={fullTime(entry.timestamp)}>
        {clockWords(entry.timestamp)}
      </time>
    </li>
  );
}
