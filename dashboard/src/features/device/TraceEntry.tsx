import { Anchor, Badge, Button, Text } from '@mantine/core';
import { IconChevronDown, IconChevronUp } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { Link } from 'react-router';
import { useProcessingNames } from '@/features/processing/api';
import { formatCount } from '@/ui/format';
import { Moment } from '@/ui/Time';
import classes from './Trace.module.css';
import {
  type Change,
  type Course,
  coursesOf,
  type Entry,
  headOf,
  leftOut,
  type Passage,
  payloadWords,
  type Readings,
  readingsOf,
  type Stage,
  type Verdict,
  verdictOf,
} from './traced';

/** One message on its way, a line for each thing that happened to it. */
export function TraceEntry({ passage }: { readonly passage: Passage }) {
  const { at, message, rules, rulesLeftOut, entries } = passage;
  const verdicts = rules.map(verdictOf);
  return (
    <li className={classes.entry} data-outcome={message?.outcome}>
      <div className={classes.head}>
        <strong>{headOf(passage)}</strong>
        {message?.outcome && <Outcome outcome={message.outcome} />}
        <Text span size="sm" c="dimmed" ml="auto">
          <Moment at={at} absent="" />
        </Text>
      </div>
      <dl className={classes.lines}>
        {message && <OfMessage message={message} />}
        {rules.length > 0 && (
          <Line label="Rules">
            <Verdicts verdicts={verdicts} />
            <LeftOut count={rulesLeftOut} what="rules" />
          </Line>
        )}
      </dl>
      <Raw entries={entries} />
    </li>
  );
}

/** Everything as it came; not written before somebody wants it. */
function Raw({ entries }: { readonly entries: readonly Entry[] }) {
  const [shown, setShown] = useState(false);
  return (
    <div className={classes.raw}>
      <Button
        variant="subtle"
        color="gray"
        size="compact-xs"
        aria-expanded={shown}
        rightSection={shown ? <IconChevronUp size={12} /> : <IconChevronDown size={12} />}
        onClick={() => setShown((before) => !before)}
      >
        Raw JSON
      </Button>
      {shown && <pre tabIndex={0}>{entries.map((entry) => JSON.stringify(entry, null, 2)).join('\n')}</pre>}
    </div>
  );
}

const OUTCOMES = { accepted: 'verdigris', refused: 'brick', overloaded: 'ochre' } as const;

const Outcome = ({ outcome }: { readonly outcome: NonNullable<Entry['outcome']> }) => (
  <Badge color={OUTCOMES[outcome]}>{outcome}</Badge>
);

function OfMessage({ message }: { readonly message: Entry }) {
  const { decoded = [], steps = [], stored = [], faults = [] } = message;
  const courses = coursesOf(decoded, steps);
  return (
    <>
      {message.payload && (
        <Line label="Sent">
          <code className={classes.payload}>{payloadWords(message)}</code>
        </Line>
      )}
      {message.outcome === 'refused' && (
        <Line label="Refused">
          {faults.length === 0 && [message.reason?.replaceAll('_', ' '), message.detail].filter(Boolean).join(': ')}
          {faults.map(({ field, detail }) => (
            <div key={field + detail}>
              <code>{field}</code> {detail}
            </div>
          ))}
        </Line>
      )}
      {message.outcome === 'overloaded' && (
        <Line label="Overloaded">There was no room. The device is to send it again.</Line>
      )}
      {decoded.length > 0 && (
        <Line label="Read">
          <Values readings={readingsOf(decoded)} received={message.received_at} />
          <LeftOut count={leftOut(message, 'decoded')} what="values" />
        </Line>
      )}
      {courses.length > 0 && (
        <Line label="Processed">
          <Courses courses={courses} received={message.received_at} />
          <LeftOut count={leftOut(message, 'steps')} what="steps" />
        </Line>
      )}
      {message.outcome === 'accepted' && decoded.length + stored.length > 0 && (
        <Line label="Stored">
          {stored.length > 0 ? <Values readings={readingsOf(stored)} received={message.received_at} /> : 'nothing'}
          <LeftOut count={leftOut(message, 'stored')} what="values" />
        </Line>
      )}
    </>
  );
}

function Line({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div className={classes.line}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Values({ readings, received }: { readonly readings: readonly Readings[]; readonly received: string | null }) {
  return readings.map(({ at, values }) => (
    <div key={at} className={classes.values}>
      {values.map(({ metric, value, quality }, index) => (
        <span key={index}>
          {metric} = <strong>{value}</strong> <Quality quality={quality} />
        </span>
      ))}
      <Measured at={at} received={received} />
    </div>
  ));
}

/** A line for each step that did something; those that did nothing are named together. */
function Courses({ courses, received }: { readonly courses: readonly Course[]; readonly received: string | null }) {
  const names = useProcessingNames();
  return courses.map(({ rule, at, stages }, index) => (
    <div key={index} className={classes.course}>
      <div>
        {names ? (
          <Anchor component={Link} to={`/processing-rules/${rule}`} inherit>
            {names.get(rule) ?? `Processing rule ${rule}`}
          </Anchor>
        ) : (
          `Processing rule ${rule}`
        )}{' '}
        <Measured at={at} received={received} />
      </div>
      {stages
        .filter(({ changes }) => changes.length > 0)
        .map(({ step, type, changes }) => (
          <div key={step} className={classes.values}>
            <span className={classes.step}>
              {step}. {type}
            </span>
            {changes.map((change) => (
              <Changed key={change.metric} change={change} />
            ))}
          </div>
        ))}
      <Idle stages={stages.filter(({ changes }) => changes.length === 0)} />
    </div>
  ));
}

function Idle({ stages }: { readonly stages: readonly Stage[] }) {
  if (stages.length === 0) return null;
  return (
    <Text size="sm" c="dimmed">
      {stages.map(({ step, type }) => `${step}. ${type}`).join(', ')}: nothing to do
    </Text>
  );
}

/** When it was measured, where that is not when it came. */
function Measured({ at, received }: { readonly at: string; readonly received: string | null }) {
  if (at === received) return null;
  return (
    <Text span size="xs" c="dimmed">
      measured <Moment at={at} />
    </Text>
  );
}

/** What was there before and after, in the way in which people say it. */
function Changed({ change: { metric, before, after, quality } }: { readonly change: Change }) {
  return (
    <span>
      {metric}{' '}
      {after === null ? (
        <>taken away{before !== null && ` (was ${before})`}</>
      ) : before === null ? (
        <>
          new: <strong>{after}</strong>
        </>
      ) : before === after ? (
        <>
          stays {after}
          {quality === 'valid' && ', valid'}
        </>
      ) : (
        <>
          {before} <span aria-label="becomes">→</span> <strong>{after}</strong>
        </>
      )}{' '}
      <Quality quality={quality} />
    </span>
  );
}

function Quality({ quality }: { readonly quality: Change['quality'] }) {
  if (!quality || quality === 'valid') return null;
  return <Badge color={quality === 'invalid' ? 'brick' : 'ochre'}>{quality}</Badge>;
}

/** Those that had to do with it are told in full, the others are counted. */
function Verdicts({ verdicts }: { readonly verdicts: readonly Verdict[] }) {
  const told = verdicts.filter(({ tone }) => tone !== 'idle');
  const idle = verdicts.filter(({ tone }) => tone === 'idle');
  return (
    <>
      {told.map((verdict) => (
        <div key={verdict.rule} className={classes.verdict} data-tone={verdict.tone}>
          <Anchor component={Link} to={`/rules/${verdict.rule}`} inherit>
            {verdict.name}
          </Anchor>{' '}
          {verdict.words}
          {(verdict.waitsFor || verdict.saw.length > 0) && (
            <Text size="sm" c="dimmed">
              {[
                verdict.waitsFor && `Waits for: ${verdict.waitsFor}.`,
                verdict.saw.length > 0 && `Saw: ${verdict.saw.join(', ')}.`,
              ]
                .filter(Boolean)
                .join(' ')}
            </Text>
          )}
        </div>
      ))}
      {idle.length > 0 && (
        <Text size="sm" c="dimmed">
          Not asked, for nothing in it was new to them: {idle.map(({ name, words }) => `${name} ${words}`).join(', ')}.
        </Text>
      )}
    </>
  );
}

function LeftOut({ count, what }: { readonly count: number; readonly what: string }) {
  if (count === 0) return null;
  return (
    <Text size="sm" c="var(--warn)">
      {formatCount(count)} more {what} are not shown.
    </Text>
  );
}
