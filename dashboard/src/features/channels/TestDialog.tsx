import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import type { Schemas } from '@/api/client';
import { formatDuration } from '@/ui/format';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { type Channel, useTestChannel } from './api';
import classes from './Channels.module.css';

const WORDS = {
  delivered: 'Delivered: the receiver has accepted it.',
  refused: 'Refused: the receiver does not want it, and trying again would not help.',
  failed: 'Failed: it did not get through; an alert would be tried again.',
} as const;

/** Sends a test now and shows what the receiver answered. */
export function TestDialog({ channel, onClose }: { readonly channel: Channel; readonly onClose: () => void }) {
  const test = useTestChannel(channel.id);
  return (
    <Modal opened onClose={onClose} title={`Test ${channel.name}`}>
      <Stack gap="md">
        {test.data ? (
          <Answer answer={test.data} />
        ) : (
          <Text size="sm">One message is sent over this channel now, to whoever it leads to.</Text>
        )}
        {test.error ? <ProblemNotice failure={test.error} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Close
          </Button>
          <Button onClick={() => test.mutate()} loading={test.isPending} data-autofocus>
            {test.data ? 'Send another' : 'Send a test'}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function Answer({ answer: { outcome, status, detail, took_ms } }: { readonly answer: Schemas['ChannelTest'] }) {
  const good = outcome === 'delivered';
  const Picture = good ? IconCircleCheck : IconCircleX;
  return (
    <div className={classes.tested} data-outcome={outcome} role="status">
      <Picture size={20} aria-hidden />
      <div>
        <Text size="sm" fw={550}>
          {WORDS[outcome]}
        </Text>
        <Text size="xs" c="dimmed">
          {status === null ? 'After' : `Answered ${status} after`} {formatDuration(took_ms)}
        </Text>
        {detail && <pre className={classes.words}>{detail}</pre>}
      </div>
    </div>
  );
}
