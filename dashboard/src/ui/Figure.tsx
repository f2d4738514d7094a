import { Card, Skeleton, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './Figure.module.css';

interface Props {
  readonly label: string;
  /** Absent while it is not known yet. */
  readonly value?: ReactNode;
  readonly unit?: string;
  readonly note?: ReactNode;
  readonly tone?: 'good' | 'warn' | 'bad';
  readonly children?: ReactNode;
}

/** One number that matters, with its name and what it means. */
export function Figure({ label, value, unit, note, tone, children }: Props) {
  return (
    <Card padding="md" className={classes.figure} data-tone={tone}>
      <Text size="xs" c="dimmed" component="h2" className={classes.label}>
        {label}
      </Text>
      {value === undefined ? (
        <Skeleton height={30} width={96} mt={6} />
      ) : (
        <div className={classes.value}>
          {value}
          {unit && <span className={classes.unit}>{unit}</span>}
        </div>
      )}
      {note && (
        <Text size="xs" c="dimmed" mt={2} component="div">
          {note}
        </Text>
      )}
      {children}
    </Card>
  );
}
