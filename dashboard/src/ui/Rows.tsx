import { Card, Skeleton, Table } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './Rows.module.css';

export interface Column<T> {
  readonly label: string;
  readonly cell: (row: T) => ReactNode;
  readonly quiet?: boolean;
  readonly end?: boolean;
}

interface Props<T> {
  readonly label: string;
  /** The first one is what the row is called. */
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string | number;
  /** What can be done with a row; nothing, if it is absent. */
  readonly actions?: (row: T) => ReactNode;
}

/** A table that is a list of blocks on a phone. */
export function Rows<T>({ label, columns, rows, keyOf, actions }: Props<T>) {
  const mark = (column: Column<T>, first: boolean) =>
    [classes.cell, first ? classes.first : '', column.quiet ? classes.quiet : '', column.end ? classes.end : ''].join(
      ' ',
    );
  return (
    <Card padding={0}>
      <Table className={classes.table} aria-label={label}>
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <Table.Th key={column.label} className={column.end ? classes.end : undefined}>
                {column.label}
              </Table.Th>
            ))}
            {actions && <Table.Th aria-label="Actions" />}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={keyOf(row)} className={classes.row}>
              {columns.map((column, index) => (
                <Table.Td key={column.label} className={mark(column, index === 0)} data-label={column.label}>
                  {column.cell(row)}
                </Table.Td>
              ))}
              {actions && <Table.Td className={classes.actions}>{actions(row)}</Table.Td>}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}

export function RowsSkeleton({ label }: { readonly label: string }) {
  return (
    <Card aria-busy aria-label={label}>
      {Array.from({ length: 5 }, (_, row) => (
        <Skeleton key={row} height={20} my={12} width={`${92 - ((row * 17) % 30)}%`} />
      ))}
    </Card>
  );
}
