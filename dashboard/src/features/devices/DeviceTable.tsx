import { Card, Skeleton, Table, Text, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { Link, useNavigate } from 'react-router';
import { Presence, Status } from '@/ui/Presence';
import { Ago } from '@/ui/Time';
import type { Device } from './api';
import classes from './DeviceTable.module.css';
import { type Column, type FleetView, type Sort, sortedBy } from './fleetView';

const COLUMNS = [
  { label: 'Name', sort: 'name' },
  { label: 'Presence' },
  { label: 'Type', sort: 'device_type' },
  { label: 'Status', sort: 'status' },
  { label: 'Location' },
  { label: 'Last seen' },
  { label: 'Registered', sort: 'created_at' },
] as const satisfies readonly { label: string; sort?: Column }[];

interface Props {
  readonly devices: readonly Device[];
  readonly view: FleetView;
  readonly onSort: (sort: Sort) => void;
  /** What is shown belongs to the question before; the answer is under way. */
  readonly stale: boolean;
}

export function DeviceTable({ devices, view, onSort, stale }: Props) {
  const navigate = useNavigate();
  return (
    <Card padding={0} style={{ opacity: stale ? 0.6 : 1, overflowX: 'auto' }} aria-busy={stale}>
      <Table highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            {COLUMNS.map((column) =>
              'sort' in column ? (
                <Heading key={column.label} column={column.sort} label={column.label} view={view} onSort={onSort} />
              ) : (
                <Table.Th key={column.label}>{column.label}</Table.Th>
              ),
            )}
            <Heading column="id" label="Id" view={view} onSort={onSort} right />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {devices.map((device) => (
            <Table.Tr key={device.id} className={classes.row} onClick={() => void navigate(`/devices/${device.id}`)}>
              <Table.Td>
                <Link
                  to={`/devices/${device.id}`}
                  className={classes.name}
                  onClick={(event) => event.stopPropagation()}
                >
                  {device.name}
                </Link>
              </Table.Td>
              <Table.Td>
                <Presence online={device.is_online} />
              </Table.Td>
              <Table.Td>{device.device_type}</Table.Td>
              <Table.Td>
                <Status status={device.status} />
              </Table.Td>
              <Table.Td c="dimmed">{device.location || '–'}</Table.Td>
              <Table.Td className={classes.nowrap}>
                <Ago at={device.last_seen} />
              </Table.Td>
              <Table.Td className={classes.nowrap} c="dimmed">
                <Ago at={device.created_at} />
              </Table.Td>
              <Table.Td ta="right">
                <Text span size="sm" c="dimmed" ff="monospace">
                  {device.id}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}

interface HeadingProps {
  readonly column: Column;
  readonly label: string;
  readonly view: FleetView;
  readonly onSort: (sort: Sort) => void;
  readonly right?: boolean;
}

function Heading({ column, label, view, onSort, right }: HeadingProps) {
  const order = view.sort === column ? 'ascending' : view.sort === `-${column}` ? 'descending' : 'none';
  const Arrow = order === 'descending' ? IconArrowDown : IconArrowUp;
  return (
    <Table.Th aria-sort={order} ta={right ? 'right' : undefined}>
      <UnstyledButton
        className={classes.heading}
        data-right={right}
        data-sorted={order !== 'none' || undefined}
        onClick={() => onSort(sortedBy(view, column))}
      >
        {label}
        <Arrow size={13} aria-hidden />
      </UnstyledButton>
    </Table.Th>
  );
}

export function DeviceTableSkeleton() {
  return (
    <Card aria-busy aria-label="Loading devices">
      {Array.from({ length: 8 }, (_, row) => (
        <Skeleton key={row} height={20} my={12} width={`${92 - ((row * 17) % 30)}%`} />
      ))}
    </Card>
  );
}
