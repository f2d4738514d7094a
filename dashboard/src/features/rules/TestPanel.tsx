import { Button, Card, Group, Input, Stack, Text, TextInput } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { Columns } from '@/ui/Columns';
import { formatValue } from '@/ui/format';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { Moment } from '@/ui/Time';
import { type Trial, useTest } from './api';
import { DeviceSelect } from './DeviceSelect';
import { type Document, isObject, type Rule } from './document';
import { useDraft } from './draft';
import classes from './Test.module.css';

const CodeEditor = lazy(() => import('@/editor/CodeEditor'));

/** Messages that show a threshold being crossed, a minute apart. */
function example(): string {
  const begin = Math.floor(Date.now() / 60_000) * 60_000 - 180_000;
  const lines = [24, 31, 33, 25].map(
    (temperature, index) => `  {"ts": ${begin + 60_000 * index}, "values": {"temperature": ${temperature}}}`,
  );
  return `[\n${lines.join(',\n')}\n]`;
}

/** A rule fed with messages by hand: what it makes of each, and why. */
export function TestPanel({ kept }: { readonly kept: Rule | undefined }) {
  const { document } = useDraft();
  const test = useTest(kept?.id ?? null);
  const [device, setDevice] = useState<string | null>(null);
  const [text, setText] = useState(example);
  const [until, setUntil] = useState('');
  const messages = messagesOf(text);
  return (
    <Columns from="lg">
      <Card>
        <Stack gap="sm">
          <Text size="sm" c="dimmed">
            Feeds the rule as it stands in the form. Nothing is kept, and nobody is told.
          </Text>
          <Input.Wrapper
            label="Messages, as a device sends them"
            description="Each with its time: of two at the same time, the second changes nothing."
            labelElement="div"
            error={messages === null ? 'Must be a JSON array of messages, or one message.' : undefined}
          >
            <Suspense fallback={<div className={classes.placeholder} />}>
              <CodeEditor value={text} onChange={setText} language="json" label="Messages" tall />
            </Suspense>
          </Input.Wrapper>
          <DeviceSelect
            label="As if they came from"
            placeholder="A device of which nothing is known"
            value={device}
            onChange={setDevice}
          />
          <TextInput
            label="Then wait until"
            description="A time such as 2026-01-31T12:00:00Z; empty: the test ends with the last message."
            value={until}
            onChange={(event) => setUntil(event.currentTarget.value)}
          />
          <Group>
            <Button
              leftSection={<IconPlayerPlay size={16} />}
              disabled={messages === null || messages.length === 0}
              loading={test.isPending}
              onClick={() =>
                test.mutate({
                  rule: document,
                  messages: messages!,
                  ...(device === null ? {} : { device }),
                  ...(until.trim() ? { until: until.trim() } : {}),
                })
              }
            >
              Test
            </Button>
          </Group>
        </Stack>
      </Card>
      <div aria-live="polite">
        {test.error ? <ProblemNotice failure={test.error} /> : null}
        {test.data && !test.error && <Steps trial={test.data} />}
      </div>
    </Columns>
  );
}

function Steps({ trial }: { readonly trial: Trial }) {
  return (
    <Stack gap="sm">
      {!trial.applies_to_device && (
        <Text size="sm" c="var(--warn)">
          The rule does not look at this device: it is not in its scope.
        </Text>
      )}
      <ol className={classes.steps} aria-label="What the rule made of the messages">
        {trial.steps.map((step, index) => (
          <li key={index} className={classes.step} data-holds={step.holds || undefined}>
            <Group justify="space-between" gap="xs">
              <strong>
                {step.holds ? 'holds' : step.pending_since ? 'holds, not long enough yet' : 'does not hold'}
              </strong>
              <Text size="sm" c="dimmed">
                <Moment at={step.timestamp} />
              </Text>
            </Group>
            {step.findings.map(({ event, message, key }) => (
              <Text size="sm" key={event + key}>
                {FINDINGS[event]}
                {message && <>: {message}</>}
                {key && <> ({key})</>}
              </Text>
            ))}
            <Text size="sm" c="dimmed">
              {valuesOf(step.why)}
            </Text>
          </li>
        ))}
      </ol>
    </Stack>
  );
}

const FINDINGS = { begun: 'An alert begins', occurred: 'It happens again', ended: 'The alert ends' } as const;

/** What it knew of each metric then. */
function valuesOf(why: unknown): string {
  const values = isObject(why) && isObject(why.values) ? why.values : {};
  return Object.entries(values)
    .map(([metric, it]) => `${metric} = ${formatValue(isObject(it) ? it.value : it)}`)
    .join(', ');
}

function messagesOf(text: string): Document[] | null {
  try {
    const value: unknown = JSON.parse(text);
    const list = Array.isArray(value) ? value : [value];
    return list.every(isObject) ? (list as Document[]) : null;
  } catch {
    return null;
  }
}
