import { Button, Card, Group, Stack, Text } from '@mantine/core';
import { IconAlertOctagon, IconLoader2, IconShieldCheck } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import type { Verdict } from '@/ledger/verify';
import type { Memory } from '@/ledger/witness';
import { Confirm } from '@/ui/Confirm';
import { formatCount } from '@/ui/format';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { save } from '@/ui/save';
import { Moment } from '@/ui/Time';
import classes from './Audit.module.css';
import type { Remembered } from './memory';
import { type Look, useLook, useTrust } from './useVerification';

interface Props {
  /** What verifying the entries of the page came to, if that was asked for. */
  readonly entries?: { readonly checked: number; readonly wrong: number; readonly of: number };
}

/** What the log proves of itself, found out in this browser. */
export function VerdictCard({ entries }: Props) {
  const look = useLook();
  if (look.error) return <ProblemNotice failure={look.error} retry={() => void look.refetch()} />;
  if (!look.data) {
    return (
      <Frame picture={<IconLoader2 size={26} stroke={1.6} aria-hidden />}>
        <Text size="sm" c="dimmed">
          Checking the signature, and whether the log continues what this browser has seen…
        </Text>
      </Frame>
    );
  }
  const { verdict } = look.data;
  if (verdict.kind === 'intact') return <Intact look={look.data} verdict={verdict} entries={entries} />;
  if (verdict.kind === 'rewritten') return <Rewritten verdict={verdict} before={look.data.before} />;
  return (
    <Frame tone="bad" picture={<IconAlertOctagon size={26} stroke={1.7} aria-hidden />}>
      <Text className={classes.shout} role="alert">
        The log does not verify
      </Text>
      <Text size="sm">{verdict.reason}</Text>
    </Frame>
  );
}

interface FrameProps {
  readonly tone?: 'good' | 'bad';
  readonly picture: ReactNode;
  readonly children: ReactNode;
}

function Frame({ tone, picture, children }: FrameProps) {
  return (
    <Card className={classes.verdict} data-tone={tone} component="section" aria-label="Verdict">
      {picture}
      <div>{children}</div>
    </Card>
  );
}

interface IntactProps extends Props {
  readonly look: Look;
  readonly verdict: Extract<Verdict, { kind: 'intact' }>;
}

function Intact({ look, verdict, entries }: IntactProps) {
  const wrong = entries?.wrong ?? 0;
  return (
    <Frame
      tone={wrong > 0 ? 'bad' : 'good'}
      picture={
        wrong > 0 ? (
          <IconAlertOctagon size={26} stroke={1.7} aria-hidden />
        ) : (
          <IconShieldCheck size={26} stroke={1.6} aria-hidden />
        )
      }
    >
      {wrong > 0 ? (
        <Text className={classes.shout} role="alert">
          {wrong === 1 ? 'An entry is' : `${formatCount(wrong)} entries are`} not what was logged
        </Text>
      ) : (
        <Text fw={600} role="status">
          The log is intact
        </Text>
      )}
      <Text size="sm" c="dimmed">
        {formatCount(verdict.now.size)} entries, signed by <span className={classes.mono}>{verdict.key.name}</span>.{' '}
        <Continues look={look} verdict={verdict} />{' '}
        {entries && entries.checked > 0 && (
          <>
            {formatCount(entries.checked - wrong)} of the {formatCount(entries.of)} entries shown are proven to be in
            it.
          </>
        )}
      </Text>
    </Frame>
  );
}

function Continues({ look: { before }, verdict: { judgement } }: IntactProps) {
  const last = judgement.last;
  if (!before || !last) return <>This browser remembers it from now on, and will notice if it is ever rewritten.</>;
  return (
    <>
      It continues the {formatCount(last.size)} entries that this browser saw on <Moment at={before.at} />.
    </>
  );
}

interface RewrittenProps {
  readonly verdict: Extract<Verdict, { kind: 'rewritten' }>;
  readonly before: Remembered | null;
}

function Rewritten({ verdict: { reason, was, shows }, before }: RewrittenProps) {
  const [asking, setAsking] = useState(false);
  const trust = useTrust();
  return (
    <Frame tone="bad" picture={<IconAlertOctagon size={26} stroke={1.7} aria-hidden />}>
      <Text className={classes.shout} role="alert">
        The log was rewritten
      </Text>
      <Stack gap="sm">
        <Text size="sm">
          It does not continue what this browser saw on <Moment at={before?.at} />: {reason}. Both checkpoints are
          signed, so together they prove it. Keep them, and compare with a witness or an export that somebody else has
          kept.
        </Text>
        <Group gap="xs">
          <Button size="xs" onClick={() => save(evidence(was, shows, reason), 'audit-rewritten.json')}>
            Save the evidence
          </Button>
          <Button size="xs" variant="default" onClick={() => setAsking(true)}>
            Begin anew
          </Button>
        </Group>
      </Stack>
      {asking && (
        <Confirm
          title="Begin anew"
          act="Forget what was seen"
          danger
          busy={false}
          failure={null}
          onConfirm={() => {
            trust(shows);
            setAsking(false);
          }}
          onClose={() => setAsking(false)}
        >
          This browser forgets the checkpoint that the log contradicts, and holds the log to what it shows now. Do this
          when you know why, such as after a restored backup, and have saved the evidence.
        </Confirm>
      )}
    </Frame>
  );
}

const evidence = (was: Memory, shows: Memory, reason: string) =>
  new Blob([JSON.stringify({ reason, was, shows }, null, 2)], { type: 'application/json' });
