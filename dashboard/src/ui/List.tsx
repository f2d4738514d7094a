import { Button, Card, Group, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Pages } from '@/api/pages';
import { ProblemNotice } from './ProblemNotice';
import { Rows, RowsSkeleton, type Column } from './Rows';

interface Props<T> {
  readonly label: string;
  readonly pages: Pages<T>;
  readonly columns: readonly Column<T>[];
  readonly keyOf: (row: T) => string | number;
  readonly actions?: (row: T) => ReactNode;
  /** What is said when there is nothing. */
  readonly empty: ReactNode;
}

/** What the platform lists page by page: its rows, the way to more of them, or why there are none. */
export function List<T>({ label, pages, columns, keyOf, actions, empty }: Props<T>) {
  const { rows, failure, isPending, retry, more, isFetchingMore } = pages;
  return (
    <Stack gap="sm">
      {failure ? <ProblemNotice failure={failure} retry={retry} /> : null}
      {isPending ? (
        <RowsSkeleton label={`Loading ${label.toLowerCase()}`} />
      ) : rows.length > 0 ? (
        <Rows label={label} columns={columns} rows={rows} keyOf={keyOf} actions={actions} />
      ) : failure ? null : (
        <Card>{empty}</Card>
      )}
      {more && (
        <Group justify="center">
          <Button variant="default" onClick={more} loading={isFetchingMore}>
            Show more
          </Button>
        </Group>
      )}
    </Stack>
  );
}
