import { Badge, Button, Card, Group, Skeleton, Stack, Table, Text } from '@mantine/core';
import { useState } from 'react';
import { useMay } from '@/api/me';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { Moment } from '@/ui/Time';
import { type Change, type Owner, useActivate, useDiff, useVersions, type Version } from './api';
import classes from './ConfigurationVersions.module.css';

interface Props {
  readonly owner: Owner;
  /** Asks before a version is made active; without it that is done at once. */
  readonly onActivate?: (version: Version) => void;
}

/** The versions of one owner: what each has changed, and the way back to it. */
export function ConfigurationVersions({ owner, onActivate }: Props) {
  const { rows, isPending, failure, retry, more, isFetchingMore } = useVersions(owner);
  const activate = useActivate(owner);
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
        <ol className={classes.versions}>
          {rows.map((row) => (
            <Row
              key={row.version}
              row={row}
              isCompared={compared === row.version}
              onCompare={() => setCompared(compared === row.version ? null : row.version)}
              onActivate={may && row.state !== 'active' ? () => (onActivate ?? activate.mutate)(row) : null}
              busy={activate.isPending}
            />
          ))}
        </ol>
        {more && (
          <Button variant="default" size="xs" onClick={more} loading={isFetchingMore}>
            More
          </Button>
        )}
        {compared !== null && <Difference owner={owner} from={active} to={compared} />}
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
    <li className={classes.version}>
      <div>
        <Group gap="xs">
          <strong>Version {row.version}</strong>
          {row.state !== 'former' && (
            <Badge variant="light" color={row.state === 'draft' ? 'gray' : undefined}>
              {row.state}
            </Badge>
          )}
        </Group>
        {row.note && <Text size="sm">{row.note}</Text>}
        <Text size="sm" c="dimmed">
          {row.author}, <Moment at={row.created_at} />
        </Text>
      </div>
      <Group gap="xs">
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
    </li>
  );
}

interface DifferenceProps {
  readonly owner: Owner;
  readonly from: number;
  readonly to: number;
}

/** What a version would change of the one that is active. */
export function Difference({ owner, from, to }: DifferenceProps) {
  const found = useDiff(owner, from, to);
  if (found.error) return <ProblemNotice failure={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Skeleton height={80} />;
  const { changes } = found.data;
  if (changes.length === 0) return <Text size="sm">Version {to} is the same as what is active.</Text>;
  return <Changes changes={changes} label={`Version ${to}`} />;
}

/** What is different, path by path. */
export function Changes({ changes, label }: { readonly changes: readonly Change[]; readonly label: string }) {
  return (
    <Table.ScrollContainer minWidth={320} type="native">
      <Table aria-label={`What ${label.toLowerCase()} would change`}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Path</Table.Th>
            <Table.Th>Active</Table.Th>
            <Table.Th>{label}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {changes.map((change) => (
            <Table.Tr key={change.path}>
              <Table.Td>
                <code>{change.path}</code>
              </Table.Td>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>{text(change.before)}</Table.Td>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>{text(change.after)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

const text = (value: unknown) => (value === undefined ? '–' : JSON.stringify(value));
