import { Stack, Table, Text } from '@mantine/core';
import type { CSSProperties } from 'react';
import { Titled } from '@/ui/Facts';
import { formatCount } from '@/ui/format';
import { Moment } from '@/ui/Time';
import type { AlertDetail } from './api';
import classes from './AlertPage.module.css';
import type { Reasons } from './why';

/** What the rule waited for, and everything that it read. */
export function Why({ alert, reasons }: { readonly alert: AlertDetail; readonly reasons: Reasons }) {
  const { conditions, values, windows, others, byTime } = reasons;
  return (
    <Titled title="Why">
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          Version {alert.rule_version} of the rule {alert.rule_name}
          {byTime ? ' spoke because time went by, not because something was measured.' : ' found this:'}
        </Text>
        {conditions.length > 0 && (
          <ul className={classes.conditions} aria-label="Condition">
            {conditions.map(({ depth, words, code, detail }, index) => (
              <li key={index} style={{ '--depth': depth } as CSSProperties}>
                {words} {code && <code className={classes.code}>{code}</code>}
                {detail && <span className={classes.detail}>{detail}</span>}
              </li>
            ))}
          </ul>
        )}
        {values.length > 0 && (
          <Table aria-label="Values" verticalSpacing={6} horizontalSpacing={0}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th pr="sm">Metric</Table.Th>
                <Table.Th pr="sm">Value</Table.Th>
                <Table.Th>Measured</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {values.map(({ metric, value, at }) => (
                <Table.Tr key={metric}>
                  <Table.Td pr="sm">{metric}</Table.Td>
                  <Table.Td pr="sm" fw={550}>
                    {value}
                  </Table.Td>
                  <Table.Td c="dimmed">
                    <Moment at={at} />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
        {windows.length > 0 && (
          <div className={classes.wide} tabIndex={0} role="group" aria-label="Windows">
            <Table aria-label="Windows" verticalSpacing={6} horizontalSpacing={0}>
              <Table.Thead>
                <Table.Tr>
                  {['Window', 'Average', 'Deviation', 'Lowest', 'Highest', 'Values'].map((label) => (
                    <Table.Th key={label} pr="sm">
                      {label}
                    </Table.Th>
                  ))}
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {windows.map(({ metric, window, avg, std, min, max, count }) => (
                  <Table.Tr key={`${metric} ${window}`}>
                    <Table.Td pr="sm">
                      {metric} over {window}
                    </Table.Td>
                    {[avg, std, min, max, count === null ? '–' : formatCount(count)].map((figure, index) => (
                      <Table.Td key={index} pr="sm">
                        {figure}
                      </Table.Td>
                    ))}
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </div>
        )}
        {others.length > 0 && (
          <Table aria-label="Further" variant="vertical" verticalSpacing={6} horizontalSpacing={0}>
            <Table.Tbody>
              {others.map(([name, value]) => (
                <Table.Tr key={name}>
                  <Table.Td c="dimmed">{name.replaceAll('_', ' ')}</Table.Td>
                  <Table.Td>{value}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </Stack>
    </Titled>
  );
}
