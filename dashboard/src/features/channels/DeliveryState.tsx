import { Badge, Group } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import type { Delivery } from './api';
import classes from './Channels.module.css';

const COLORS = { waiting: 'ochre', failed: 'brick', cancelled: 'gray', dropped: 'gray' } as const;
const HELD = { throttle: 'held by the throttle', quiet: 'held by quiet hours', escalation: 'if nobody acts' } as const;

/** What became of a delivery; the usual is said quietly. */
export function DeliveryState({ delivery }: { readonly delivery: Delivery }) {
  const { state } = delivery;
  if (state === 'delivered') {
    return (
      <span className={classes.delivered}>
        <IconCircleCheck size={16} stroke={1.8} aria-hidden />
        delivered
      </span>
    );
  }
  return (
    <Group gap={8} component="span">
      <Badge color={COLORS[state]}>{state}</Badge>
      {state === 'waiting' && <span className={classes.quiet}>{waitingWords(delivery)}</span>}
    </Group>
  );
}

function waitingWords({ held, attempts }: Delivery): string {
  if (held) return HELD[held];
  if (attempts.length === 0) return 'not tried yet';
  return attempts.length === 1 ? 'tried once' : `tried ${attempts.length} times`;
}

const EVENTS = {
  begun: 'Beginning',
  acknowledged: 'Acknowledgement',
  resolved: 'End',
  test: 'Test',
} as const;

/** What was told, in a word or two. */
export const toldWords = ({ event, escalation }: Pick<Delivery, 'event' | 'escalation'>) =>
  escalation > 0 ? `${EVENTS[event]}, step ${escalation} of the escalation` : EVENTS[event];
