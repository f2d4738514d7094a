import { Button, Group, Stack, Textarea } from '@mantine/core';
import {
  IconAlertTriangle,
  IconBellRinging,
  IconBolt,
  IconCircleCheck,
  IconCircleDashedCheck,
  IconEye,
  IconFlag,
  IconFlagOff,
  IconHandStop,
  IconMessage,
  IconRepeat,
  IconUserCheck,
} from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import type { Schemas } from '@/api/client';
import { useMay } from '@/api/me';
import { Titled } from '@/ui/Facts';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { Moment } from '@/ui/Time';
import { type AlertDetail, useComment } from './api';
import classes from './AlertPage.module.css';
import { MOST_CHARACTERS } from './ReasonDialog';

type Happening = Schemas['AlertEvent'];

const ICONS: Record<Happening['event'], typeof IconEye> = {
  begun: IconBellRinging,
  occurred_again: IconRepeat,
  cleared: IconCircleDashedCheck,
  acknowledged: IconEye,
  assigned: IconUserCheck,
  commented: IconMessage,
  resolved: IconCircleCheck,
  marked_false_positive: IconFlag,
  unmarked: IconFlagOff,
  action_done: IconBolt,
  action_failed: IconAlertTriangle,
  action_suppressed: IconHandStop,
};

/** What happened, in a sentence; what was written beside it follows. */
export function happened({ event, actor, detail }: Happening): { readonly words: string; readonly detail: string } {
  switch (event) {
    case 'begun':
      return { words: 'It began', detail };
    case 'occurred_again':
      return { words: 'It was found again', detail };
    case 'cleared':
      return { words: 'What it is about ended', detail };
    case 'acknowledged':
      return { words: `${actor} looks after it`, detail };
    case 'assigned':
      return { words: detail ? `${actor} gave it to ${detail}` : `${actor} gave it to nobody`, detail: '' };
    case 'commented':
      return { words: `${actor} wrote`, detail };
    case 'resolved':
      return { words: actor === 'rule' ? 'It ended by itself' : `${actor} resolved it`, detail };
    case 'marked_false_positive':
      return { words: `${actor} found nothing behind it`, detail };
    case 'unmarked':
      return { words: `${actor} found something behind it after all`, detail };
    case 'action_done':
      return { words: 'The rule did something at the device', detail };
    case 'action_failed':
      return { words: 'What the rule would do at the device failed', detail };
    case 'action_suppressed':
      return { words: 'The rule left out what it would do at the device', detail };
  }
}

/** All that happened to an alert, the newest last, and a place to write what is to be known about it. */
export function History({ alert }: { readonly alert: AlertDetail }) {
  const mayWrite = useMay()('alerts:write');
  return (
    <Titled title="History">
      <ol className={classes.history}>
        {alert.history.map((happening, index) => {
          const Picture = ICONS[happening.event];
          const { words, detail } = happened(happening);
          return (
            <li key={index} className={classes.happening}>
              <Picture size={18} stroke={1.6} aria-hidden />
              <div>
                <div className={classes.happened}>
                  {words}
                  <span className={classes.when}>
                    <Moment at={happening.at} />
                  </span>
                </div>
                {detail && <div className={classes.said}>{detail}</div>}
              </div>
            </li>
          );
        })}
      </ol>
      {mayWrite && <Comment alert={alert.id} />}
    </Titled>
  );
}

function Comment({ alert }: { readonly alert: number }) {
  const [text, setText] = useState('');
  const comment = useComment(alert);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() && !comment.isPending) comment.mutate(text.trim(), { onSuccess: () => setText('') });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="xs" mt="md">
        <Textarea
          aria-label="Comment"
          placeholder="What is to be known about it"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          maxLength={MOST_CHARACTERS}
          autosize={false}
          rows={2}
        />
        {comment.error ? <ProblemNotice failure={comment.error} /> : null}
        <Group justify="flex-end">
          <Button type="submit" variant="default" size="xs" disabled={!text.trim()} loading={comment.isPending}>
            Comment
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
