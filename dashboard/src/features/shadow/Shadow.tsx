import { Button, Card, Group, Skeleton, Stack, Switch, Text } from '@mantine/core';
import { useThrottledCallback } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { IconGhost2, IconPencil } from '@tabler/icons-react';
import { useState } from 'react';
import { useMay } from '@/api/me';
import { pretty } from '@/editor/json';
import type { Device } from '@/features/devices/api';
import { useFeed } from '@/live/FeedContext';
import { Empty } from '@/ui/Empty';
import { formatCount } from '@/ui/format';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { Rows } from '@/ui/Rows';
import { Ago } from '@/ui/Time';
import { type Shadow as Known, shadowKeys, useShadow } from './api';
import { DesireDialog } from './DesireDialog';
import { pathWords, type Row, rowsOf, type Said } from './document';
import { DesiredHistory } from './DesiredHistory';
import classes from './Shadow.module.css';

/** A device may report faster than anybody reads, in milliseconds. */
const BREATH = 500;
/** Keys that are shown before the way to all of them. */
const SHOWN = 100;

/** What the device says that it is, what it shall be, and where these differ. */
export function Shadow({ device }: { readonly device: Pick<Device, 'id' | 'status'> }) {
  const found = useShadow(device.id);
  const queries = useQueryClient();
  const may = useMay()('configurations:write') && device.status !== 'decommissioned';
  const [editing, setEditing] = useState(false);
  const readAgain = useThrottledCallback(
    () => void queries.invalidateQueries({ queryKey: shadowKeys.of(device.id) }),
    BREATH,
  );
  useFeed(
    { types: ['device'], devices: [device.id] },
    {
      event: ({ event }) => {
        if (event === 'shadow') readAgain();
      },
      lagged: readAgain,
      resumed: readAgain,
    },
  );
  const shadow = found.data;
  if (!shadow) {
    return found.error ? (
      <ProblemNotice failure={found.error} retry={() => void found.refetch()} />
    ) : (
      <Card aria-busy aria-label="Loading the shadow">
        <Skeleton height={160} />
      </Card>
    );
  }
  return (
    <Stack gap="md">
      <Group justify="space-between" gap="sm">
        <Standing shadow={shadow} />
        {may && (
          <Button leftSection={<IconPencil size={16} />} onClick={() => setEditing(true)}>
            Edit desired
          </Button>
        )}
      </Group>
      <Keys shadow={shadow} />
      <DesiredHistory device={device.id} />
      {editing && <DesireDialog device={device.id} shadow={shadow} onClose={() => setEditing(false)} />}
    </Stack>
  );
}

function Standing({ shadow }: { readonly shadow: Known }) {
  const differing = rowsOf(shadow).filter(({ differs }) => differs).length;
  const words =
    Object.keys(shadow.desired).length === 0
      ? 'Nothing is desired of it.'
      : differing === 0
        ? 'It is as desired.'
        : `It differs in ${formatCount(differing)} ${differing === 1 ? 'key' : 'keys'}.`;
  return (
    <div>
      <Text role="status" fw={550}>
        {words}
      </Text>
      <Text size="sm" c="dimmed">
        Version {formatCount(shadow.version)}; reported {formatCount(shadow.reported_version)} times, desired{' '}
        {formatCount(shadow.desired_version)} times
      </Text>
    </div>
  );
}

function Keys({ shadow }: { readonly shadow: Known }) {
  const [onlyDiffering, setOnlyDiffering] = useState(false);
  const [all, setAll] = useState(false);
  const known = rowsOf(shadow);
  const rows = onlyDiffering ? known.filter(({ differs }) => differs) : known;
  if (known.length === 0) {
    return (
      <Card>
        <Empty icon={IconGhost2} title="The shadow is empty">
          The device reports what it is on its topic shadow/update, or by PATCH /api/v1/devices/shadow. What it shall be
          can be said before that.
        </Empty>
      </Card>
    );
  }
  return (
    <Stack gap="sm">
      <Switch
        label="Only what differs"
        checked={onlyDiffering}
        onChange={(event) => setOnlyDiffering(event.currentTarget.checked)}
      />
      {rows.length === 0 ? (
        <Card>
          <Text size="sm" c="dimmed">
            Nothing differs.
          </Text>
        </Card>
      ) : (
        <Rows
          label="Shadow"
          rows={all ? rows : rows.slice(0, SHOWN)}
          keyOf={({ pointer }) => pointer}
          columns={[
            { label: 'Key', cell: ({ path }: Row) => <code className={classes.key}>{pathWords(path)}</code> },
            { label: 'Reported', cell: ({ reported }) => <Value said={reported} /> },
            { label: 'Desired', cell: ({ desired }) => <Value said={desired} /> },
            { label: 'Delta', cell: (row) => <Delta row={row} /> },
          ]}
        />
      )}
      {!all && rows.length > SHOWN && (
        <Group justify="center">
          <Button variant="default" onClick={() => setAll(true)}>
            Show all {formatCount(rows.length)} keys
          </Button>
        </Group>
      )}
      <details className={classes.raw}>
        <summary>Raw JSON</summary>
        <pre>{pretty({ reported: shadow.reported, desired: shadow.desired, delta: shadow.delta })}</pre>
      </details>
    </Stack>
  );
}

function Value({ said }: { readonly said: Said | null }) {
  if (!said) return <span className={classes.none}>–</span>;
  return (
    <div>
      <code className={classes.value}>{JSON.stringify(said.value)}</code>
      {said.mark && (
        <span className={classes.mark}>
          <Ago at={said.mark.timestamp} />, version {formatCount(said.mark.version)}
        </span>
      )}
    </div>
  );
}

function Delta({ row: { desired, differs } }: { readonly row: Row }) {
  if (differs) {
    return (
      <span className={classes.delta}>
        <code className={classes.value}>{JSON.stringify(desired?.value)}</code>
        <span className={classes.mark}>still to come</span>
      </span>
    );
  }
  return <span className={classes.none}>{desired ? 'none' : '–'}</span>;
}
