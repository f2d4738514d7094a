import { Badge, Button, Card, Group, Input, Stack, Text } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { DeviceSelect } from '@/features/rules/DeviceSelect';
import { useDraft } from '@/features/rules/draft';
import classes from '@/features/rules/Test.module.css';
import { formatValue } from '@/ui/format';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { Moment } from '@/ui/Time';
import { type TrialResult, useDryRun } from './api';
import { payloadOf } from './steps';

const CodeEditor = lazy(() => import('@/editor/CodeEditor'));

/** What the rule makes of a message, step by step. Nothing is stored. */
export function DryRun() {
  const { document } = useDraft();
  const run = useDryRun();
  const [device, setDevice] = useState<string | null>(null);
  const [text, setText] = useState('{"temperature": 68, "humidity": 40}');
  return (
    <Stack gap="md">
      <Card component="section" aria-label="Dry run">
        <Stack gap="sm">
          <Text fw={550} component="h2" m={0}>
            Dry run
          </Text>
          <Input.Wrapper
            label="Message"
            labelElement="div"
            description="JSON as a device sends it, or several in an array; bytes as hex; or any other text."
          >
            <Suspense fallback={<div className={classes.placeholder} />}>
              <CodeEditor value={text} onChange={setText} language="json" label="Message" />
            </Suspense>
          </Input.Wrapper>
          <DeviceSelect
            label="As if it came from"
            placeholder="A device of which nothing is known"
            value={device}
            onChange={setDevice}
          />
          <Group>
            <Button
              leftSection={<IconPlayerPlay size={16} />}
              loading={run.isPending}
              disabled={text.trim() === ''}
              onClick={() => run.mutate({ rule: document, device, ...payloadOf(text) })}
            >
              Run
            </Button>
          </Group>
        </Stack>
      </Card>
      <div aria-live="polite">
        {run.error ? <ProblemNotice failure={run.error} /> : null}
        {run.data && !run.error && <Result result={run.data} />}
      </div>
    </Stack>
  );
}

type Message = TrialResult['messages'][number];

function Result({ result }: { readonly result: TrialResult }) {
  return (
    <Stack gap="sm">
      {result.concerns_device === false && (
        <Text size="sm" c="var(--warn)">
          The rule does not concern this device: it is not in its scope.
        </Text>
      )}
      <ol className={classes.steps} aria-label="What the rule made of the messages">
        {result.messages.map((message, index) => (
          <One key={index} message={message} />
        ))}
      </ol>
    </Stack>
  );
}

function One({ message }: { readonly message: Message }) {
  return (
    <li className={classes.step} data-holds={message.refused || message.faults > 0 || undefined}>
      {message.refused && <strong>It would be refused: {message.refused}</strong>}
      {message.last_fault && (
        <Text size="sm" c="var(--warn)">
          {message.last_fault}
        </Text>
      )}
      {message.records.map((record, index) => (
        <Stack gap={4} key={index}>
          <Text size="sm" c="dimmed">
            <Moment at={record.time} />
          </Text>
          {record.steps.map(({ step, type, metrics }) => (
            <Text size="sm" key={step} component="div">
              {step + 1}. {type}: {metrics.length > 0 ? <Metrics metrics={metrics} /> : 'nothing'}
            </Text>
          ))}
          <Text size="sm" component="div">
            <strong>Stored:</strong> {record.stored.length > 0 ? <Metrics metrics={record.stored} /> : 'nothing'}
          </Text>
        </Stack>
      ))}
    </li>
  );
}

function Metrics({ metrics }: { readonly metrics: Message['records'][number]['stored'] }) {
  return metrics.map(({ metric, value, raw, quality }) => (
    <span key={metric} className={classes.metric}>
      {metric} = {formatValue(value)}
      {raw !== undefined && <> (sent as {formatValue(raw)})</>}
      {quality && quality !== 'valid' && <Badge color={quality === 'invalid' ? 'brick' : 'ochre'}>{quality}</Badge>}
    </span>
  ));
}
