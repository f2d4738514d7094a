import { Group, Skeleton, Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { IconAlertOctagon, IconCircleCheck } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useParams } from 'react-router';
import { OrganizationName } from '@/features/organizations/Organization';
import { verifyEntry } from '@/ledger/verify';
import { Back } from '@/ui/Back';
import { Columns } from '@/ui/Columns';
import { type Fact, Facts, Titled } from '@/ui/Facts';
import { formatCount } from '@/ui/format';
import { Page } from '@/ui/Page';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { Moment } from '@/ui/Time';
import { type ProvenEntry, source, useProvenEntry } from './api';
import classes from './Audit.module.css';
import { useLook } from './useVerification';
import { VerdictCard } from './VerdictCard';
import { actionWords, actorWords, type Change, changes, targetWords } from './words';

/** One entry: who did what to what, what it changed, and the proof that it stands in the log as it is shown here. */
export function EntryPage() {
  const id = Number(useParams().entry);
  const found = useProvenEntry(id);
  const back = <Back to="/audit">Audit log</Back>;
  if (!found.data) {
    return (
      <Page title="Entry" above={back}>
        {found.error ? (
          <ProblemNotice failure={found.error} retry={() => void found.refetch()} />
        ) : (
          <Skeleton height={240} aria-label="Loading the entry" />
        )}
      </Page>
    );
  }
  const { entry } = found.data;
  return (
    <Page
      title={actionWords(entry.action)}
      above={back}
      lead={
        <>
          {targetWords(entry.target)}, by {actorWords(entry.actor)}, <Moment at={entry.time} />
        </>
      }
    >
      <Columns from="md">
        <Stack gap="md">
          <EntryFacts proven={found.data} />
          <Changed changed={changes(entry)} />
        </Stack>
        <Stack gap="md">
          <Proof key={found.dataUpdatedAt} proven={found.data} />
          <VerdictCard />
        </Stack>
      </Columns>
    </Page>
  );
}

function EntryFacts({ proven: { id, index, entry } }: { readonly proven: ProvenEntry }) {
  const { actor, target } = entry;
  const rows: Fact[] = [
    ['Action', <span className={classes.mono}>{entry.action}</span>],
    ['Who', `${actorWords(actor)} (${[actor.type, actor.id].filter(Boolean).join(' ')})`],
    ['Target', `${targetWords(target)} (${target.type} ${target.id})`],
    ['When', <Moment at={entry.time} />],
    ['From', [entry.source.address, entry.source.protocol].filter(Boolean).join(' over ') || '–'],
    ['Organization', <OrganizationName id={entry.organization} />],
    ['Number in the log', index ?? '–'],
    ['Id', id],
  ];
  return (
    <Titled title="Entry">
      <Facts rows={rows} labelWidth={140} />
    </Titled>
  );
}

function Changed({ changed }: { readonly changed: readonly Change[] }) {
  if (changed.length === 0) return null;
  return (
    <Titled title="What it changed">
      <Table verticalSpacing={7} horizontalSpacing={0}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th pr="sm">Field</Table.Th>
            <Table.Th pr="sm">Before</Table.Th>
            <Table.Th>After</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {changed.map(({ field, before, after }) => (
            <Table.Tr key={field}>
              <Table.Td c="dimmed" pr="sm">
                {field}
              </Table.Td>
              <Table.Td className={`${classes.mono} ${before !== after ? classes.gone : ''}`} pr="sm">
                {before ?? '–'}
              </Table.Td>
              <Table.Td className={`${classes.mono} ${before !== after ? classes.come : ''}`}>{after ?? '–'}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Titled>
  );
}

/** Does the sums, and shows them. */
function Proof({ proven }: { readonly proven: ProvenEntry }) {
  const verdict = useLook().data?.verdict;
  const intact = verdict?.kind === 'intact' ? verdict : null;
  const proof = useQuery({
    queryKey: ['audit', 'entry-proof', proven.id, proven.checkpoint, intact?.now.note],
    queryFn: () => verifyEntry(source, proven, intact!.key, intact!.now, proven),
    enabled: intact !== null,
    retry: false,
    staleTime: Infinity,
    gcTime: 0,
  });
  return (
    <Titled title="Proof">
      {proof.error ? (
        <Group gap="sm" wrap="nowrap" align="flex-start" role="alert">
          <IconAlertOctagon size={22} color="var(--bad)" aria-hidden />
          <Text size="sm">{proof.error.message}</Text>
        </Group>
      ) : proof.data ? (
        <ol className={classes.steps}>
          <Step>
            The entry, as it is shown here, has the hash <span className={classes.mono}>{proof.data.leaf}</span>.
          </Step>
          <Step>
            As number {formatCount(proof.data.index)} and with {formatCount(proof.data.hashes)}{' '}
            {proof.data.hashes === 1 ? 'hash' : 'hashes'} beside it, that leads to the root{' '}
            <span className={classes.mono}>{proof.data.checkpoint.root}</span>.
          </Step>
          <Step>
            The key of <span className={classes.mono}>{proof.data.checkpoint.origin}</span> has signed this root for a
            log of {formatCount(proof.data.checkpoint.size)} entries.
          </Step>
          <Step>That log is one with the log that this browser has checked.</Step>
        </ol>
      ) : (
        <Text size="sm" c="dimmed">
          {verdict && !intact ? 'The log does not verify, so no entry of it is proven.' : 'Doing the sums…'}
        </Text>
      )}
    </Titled>
  );
}

function Step({ children }: { readonly children: ReactNode }) {
  return (
    <li className={classes.step}>
      <IconCircleCheck size={18} aria-hidden />
      <span>{children}</span>
    </li>
  );
}
