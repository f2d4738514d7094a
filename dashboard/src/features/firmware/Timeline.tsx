import { Badge, Group, Progress, Stack, Text } from '@mantine/core';
import { Link } from 'react-router';
import { Moment } from '@/ui/Time';
import type { Update } from './api';
import classes from './Timeline.module.css';

const COLORS: Partial<Record<Update['status'], string>> = {
  installed: 'verdigris',
  failed: 'brick',
  rolled_back: 'ochre',
  cancelled: 'gray',
};

export const wordsOf = (status: Update['status']) =>
  status === 'rolled_back' ? 'rolled back' : status === 'cancelled' ? 'called back' : status;

/** One update of a device: from which version to which, how far it is, and each step that it took. */
export function Timeline({ update }: { readonly update: Update }) {
  const isOpen = update.ended_at === null;
  const isMoving = isOpen && ['downloading', 'installing'].includes(update.status);
  return (
    <Stack gap="xs">
      <Group gap="sm">
        <Text fw={550}>
          {update.from_version || 'nothing known'} →{' '}
          <Link to={`/firmware/${update.firmware_id}`}>{update.version}</Link>
        </Text>
        <Badge color={COLORS[update.status] ?? 'blue'}>{wordsOf(update.status)}</Badge>
        {update.is_rollback && <Badge color="ochre">back to what it ran before</Badge>}
        {update.max_attempts > 1 && (update.attempts > 1 || isOpen) && (
          <Text size="sm" c="dimmed">
            attempt {update.attempts} of {update.max_attempts}
          </Text>
        )}
        {update.rollout_id !== null && (
          <Link to={`/rollouts/${update.rollout_id}`} className={classes.rollout}>
            its rollout
          </Link>
        )}
      </Group>
      {update.detail && <Text size="sm">{update.detail}</Text>}
      {isMoving && (
        <Group gap="sm" wrap="nowrap">
          <Progress value={update.progress} style={{ flex: 1 }} aria-label={`${update.status}`} />
          <Text size="sm" c="dimmed">
            {update.progress} %
          </Text>
        </Group>
      )}
      <ol className={classes.steps} aria-label={`Steps to ${update.version}`}>
        {update.steps.map((step, at) => (
          <li key={at} className={classes.step} data-status={step.status}>
            <strong>{wordsOf(step.status)}</strong> <Moment at={step.at} />
            {step.detail && <div className={classes.detail}>{step.detail}</div>}
          </li>
        ))}
      </ol>
    </Stack>
  );
}
