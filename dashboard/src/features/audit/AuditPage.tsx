import { Button, Group } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { IconCircleCheck, IconCircleX, IconDownload, IconFileCheck, IconShieldCheck } from '@tabler/icons-react';
import { Link } from 'react-router';
import { asProblem } from '@/api/problem';
import { Empty } from '@/ui/Empty';
import { List } from '@/ui/List';
import { Page } from '@/ui/Page';
import { ProblemNotice } from '@/ui/ProblemNotice';
import type { Column } from '@/ui/Rows';
import { Moment } from '@/ui/Time';
import { exportLog, type LoggedEntry, useEntries, useNewest } from './api';
import classes from './Audit.module.css';
import { Filters } from './Filters';
import { type Findings, useVerifyAll } from './useVerification';
import { VerdictCard } from './VerdictCard';
import { isFiltered, useAuditView } from './view';
import { actionWords, actorWords, targetWords } from './words';

/** Who did what, and the proof of it, found out in this browser. */
export function AuditPage() {
  const [view, change] = useAuditView();
  const entries = useEntries(view);
  const newest = useNewest(view);
  const { verify, findings } = useVerifyAll();
  const hasNewer = entries.rows.length > 0 && newest > entries.rows[0]!.id;
  const wrong = [...findings.values()].filter((finding) => typeof finding === 'string').length;
  return (
    <Page
      title="Audit log"
      lead="Each act that changes something, in an append-only log whose proofs are checked here, in your browser."
      actions={
        <>
          <ExportButton />
          <Button
            leftSection={<IconShieldCheck size={16} />}
            loading={verify.isPending}
            disabled={entries.isPending}
            onClick={() => verify.mutate(entries.rows)}
          >
            Verify
          </Button>
        </>
      }
    >
      <VerdictCard entries={{ checked: findings.size, wrong, of: entries.rows.length }} />
      {verify.error ? <ProblemNotice failure={verify.error} /> : null}
      <Filters view={view} onChange={change} />
      {hasNewer && (
        <Group justify="center">
          <Button size="xs" variant="light" onClick={entries.retry}>
            Show newer entries
          </Button>
        </Group>
      )}
      <List
        label="Audit entries"
        pages={entries}
        columns={columns(findings)}
        keyOf={(entry) => entry.id}
        empty={
          isFiltered(view) ? (
            <Empty icon={IconFileCheck} title="No entry is like that">
              <Button
                variant="default"
                mx="auto"
                onClick={() => change({ action: '', actor: '', target: '', text: '', time: '', from: '', to: '' })}
              >
                Show all entries
              </Button>
            </Empty>
          ) : (
            <Empty icon={IconFileCheck} title="Nothing was done yet" />
          )
        }
      />
    </Page>
  );
}

const columns = (findings: Findings): readonly Column<LoggedEntry>[] => [
  {
    label: 'Action',
    cell: ({ id, entry }) => (
      <>
        <Link to={`/audit/${id}`}>{actionWords(entry.action)}</Link>
        <Mark finding={findings.get(id)} />
      </>
    ),
  },
  { label: 'Target', cell: ({ entry }) => <span title={entry.target.type}>{targetWords(entry.target)}</span> },
  { label: 'Who', cell: ({ entry }) => <span title={entry.actor.type}>{actorWords(entry.actor)}</span> },
  {
    label: 'From',
    quiet: true,
    cell: ({ entry }) => [entry.source.address, entry.source.protocol].filter(Boolean).join(' · '),
  },
  { label: 'When', quiet: true, cell: ({ entry }) => <Moment at={entry.time} /> },
  { label: 'Number', quiet: true, end: true, cell: ({ index }) => index ?? '…' },
];

function Mark({ finding }: { readonly finding: ReturnType<Findings['get']> }) {
  if (finding === undefined) return null;
  if (typeof finding === 'string') {
    return (
      <span className={classes.mark} data-tone="bad" title={finding}>
        <IconCircleX size={16} aria-label={finding} />
      </span>
    );
  }
  return (
    <span className={classes.mark} data-tone="good" title="Proven to be in the log">
      <IconCircleCheck size={16} aria-label="proven" />
    </span>
  );
}

function ExportButton() {
  const save = useMutation({
    mutationFn: exportLog,
    onError: (failure) => {
      const problem = asProblem(failure);
      notifications.show({ color: 'brick', title: problem.title, message: problem.detail });
    },
  });
  return (
    <Button
      variant="default"
      leftSection={<IconDownload size={16} />}
      loading={save.isPending}
      onClick={() => save.mutate()}
      title="For ./iotflow verify, which needs no platform"
    >
      Export
    </Button>
  );
}
