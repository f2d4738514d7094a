import { Card, Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';

export type Fact = [label: string, value: ReactNode];

/** What is known of one thing, a line a fact. */
export function Facts({ rows, labelWidth = 130 }: { readonly rows: readonly Fact[]; readonly labelWidth?: number }) {
  return (
    <Table variant="vertical" withRowBorders verticalSpacing={7} horizontalSpacing={0}>
      <Table.Tbody>
        {rows.map(([label, value]) => (
          <Table.Tr key={label}>
            <Table.Td c="dimmed" w={labelWidth}>
              {label}
            </Table.Td>
            <Table.Td style={{ overflowWrap: 'anywhere' }}>{value}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** A part of a page with a name of its own. */
export function Titled({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <Card component="section" aria-label={title}>
      <Text component="h2" fw={550} m={0} mb="xs">
        {title}
      </Text>
      {children}
    </Card>
  );
}
