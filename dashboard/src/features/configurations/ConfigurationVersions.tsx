import { Alert, Badge, Button, Card, Group, Skeleton, Stack, Table, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useState } from 'react';
import { useMay } from '@/api/me';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { Ago, Moment } from '@/ui/Time';
import { type Effective, useActivate, useDiff, useVersions, type Version } from './configurations';
import { driftWords, isDrift } from './drift';

/** Whether the device has what it should. */
export function DriftNotice({ effective }: { readonly effective: Effective }) {
  const words = driftWords(effective);
  if (!isDrift(effective)) {
    return (
      <Text size="sm" c="dimmed">
        {words}
      </Text>
    );
  }
  return (
    <Alert icon={<IconAlertTriangle size={18} />} color="yellow" title="Configuration drift">
      {words} <Ago at={effective.drift_since} />
    </Alert>
  );
}

/** The device's own versions: what each has changed, and the way back to it. */
export function ConfigurationVersions({ path }: { readonly path: string }) {
  const { rows, isPending, failure, retry, more, isFetchingMore } = useVersions(path);
  const activate = useActivate(path);
  const may = useMay()('configurations:write');
  const [compared, setCompared] = useState<number | null>(null);
  const active = rows.find(({ state }) => state === 'active')?.version ?? 0;
  if (failure) return <ProblemNotice failure={failure} retry={retry} />;
  if (isPending) return <Skeleton height={120} />;
  if (rows.length === 0) return null;
  return (
    <Card>
      <Stack gap="sm">
        <Text fw={550} component="h2" m={0}>
          Versions
        </Text>
        {activate.error ? <ProblemNotice failure={activate.error} /> : null}
        <Table>
          <Table.Tbody>
            {rows.map((row) => (
              <Row
                key={row.version}
                row={row}
                isCompared={compared === row.version}
                onCompare={() => setCompared(compared === row.version ? null : row.version)}
                onActivate={may && row.state !== 'active' ? () => activate.mutate(row) : null}
                busy={activate.isPending}
              />
            ))}
          </Table.Tbody>
        </Table>
        {more && (
          <Button variant="default" size="xs" onClick={more} loading={isFetchingMore}>
            More
          </Button>
        )}
        {compared !== null && <Changes path={path} from={active} to={compared} />}
      </Stack>
    </Card>
  );
}

interface RowProps {
  readonly row: Version;
  readonly isCompared: boolean;
  readonly onCompare: () => void;
  readonly onActivate: (() => void) | null;
  readonly busy: boolean;
}

function Row({ row, isCompared, onCompare, onActivate, busy }: RowProps) {
  return (
    <Table.Tr>
      <Table.Td>
        <Group gap="xs">
          <strong>Version {row.version}</strong>
          {row.state !== 'former' && <Badge variant="light">{row.state}</Badge>}
        </Group>
        {row.note && <Text size="sm">{row.note}</Text>}
      </Table.Td>
      <Table.Td c="dimmed">
        {row.author}, <Moment at={row.created_at} />
      </Table.Td>
      <Table.Td ta="right">
        <Group gap="xs" justify="flex-end">
          {row.state !== 'active' && (
            <Button size="xs" variant="default" aria-pressed={isCompared} onClick={onCompare}>
              Compare
            </Button>
          )}
          {onActivate && (
            <Button size="xs" variant="default" onClick={onActivate} disabled={busy}>
              {row.state === 'draft' ? 'Activate' : 'Go back to it'}
            </Button>
          )}
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}

function Changes({ path, from, to }: { readonly path: string; readonly from: number; readonly to: number }) {
  const found = useDiff(path, from, to);
  if (found.error) return <ProblemNotice failure={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Skeleton height={80} />;
  const { changes } = found.data;
  if (changes.length === 0) return <Text size="sm">Version {to} is the same as what is active.</Text>;
  return (
    <Table aria-label={`What version ${to} would change`}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Path</Table.Th>
          <Table.Th>Active</Table.Th>
          <Table.Th>Version {to}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {changes.map((change) => (
          <Table.Tr key={change.path}>
            <Table.Td>
              <code>{change.path}</code>
            </Table.Td>
            <Table.Td>{text(change.before)}</Table.Td>
            <Table.Td>{text(change.after)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

const text = (value: unknown) => (value === undefined ? '–' : JSON.stringify(value));
