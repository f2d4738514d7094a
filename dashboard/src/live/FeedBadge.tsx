import { Tooltip } from '@mantine/core';
import { useFeedStatus } from './FeedContext';
import classes from './FeedBadge.module.css';

const WORDS = {
  idle: ['Starting', 'The live feed is being opened.'],
  connecting: ['Connecting', 'The live feed is being opened.'],
  open: ['Live', 'What the platform receives is shown here at once.'],
  waiting: ['Reconnecting', 'The live feed was interrupted and is being opened again; figures may be old.'],
} as const;

/** Whether what is shown moves with the platform. */
export function FeedBadge() {
  const status = useFeedStatus();
  if (status === null) return null;
  const [word, meaning] = WORDS[status];
  return (
    <Tooltip label={meaning} w={240}>
      <span className={classes.badge} data-status={status} role="status">
        <span className={classes.dot} aria-hidden />
        {word}
      </span>
    </Tooltip>
  );
}
