import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Fault } from '@/ledger/bytes';
import type { Checkpoint, VerifierKey } from '@/ledger/note';
import { type EntryProof, type Verdict, verifyEntry, verifyLog } from '@/ledger/verify';
import type { Memory } from '@/ledger/witness';
import { type LoggedEntry, source } from './api';
import { recall, remember, type Remembered } from './memory';

/** A verdict, and what was remembered when it was made. */
export interface Look {
  readonly verdict: Verdict;
  readonly before: Remembered | null;
}

const LOOK = ['audit', 'look'] as const;
/** Proofs that are asked for at once. */
const AT_ONCE = 6;

async function look(): Promise<Look> {
  const before = recall();
  const verdict = await verifyLog(source, before);
  // A log that was rewritten is held against what it showed before, again and again.
  if (verdict.kind === 'intact') remember({ key: verdict.key.text, note: verdict.now.note });
  return { verdict, before };
}

/** Looks at the log once when the page is opened, so that every visit is a witness. */
export const useLook = () =>
  useQuery({ queryKey: LOOK, queryFn: look, staleTime: Infinity, gcTime: 0, refetchOnWindowFocus: false });

/** Holds the log from now on to what it shows now. */
export function useTrust() {
  const queries = useQueryClient();
  return (shows: Memory) => {
    remember(shows);
    void queries.resetQueries({ queryKey: LOOK });
  };
}

/** What was found out about the entries on the page, by their id: a proof, or what is wrong. */
export type Findings = ReadonlyMap<number, EntryProof | string>;

/** Verifies the log, then each of the entries. */
export function useVerifyAll() {
  const queries = useQueryClient();
  const [findings, setFindings] = useState<Findings>(new Map());
  const verify = useMutation({
    mutationFn: async (entries: readonly LoggedEntry[]) => {
      setFindings(new Map());
      const seen = await look();
      queries.setQueryData(LOOK, seen);
      if (seen.verdict.kind !== 'intact') return;
      const { key, now } = seen.verdict;
      const found = new Map<number, EntryProof | string>();
      const waiting = [...entries];
      const work = async () => {
        for (let entry = waiting.shift(); entry; entry = waiting.shift()) {
          found.set(entry.id, await finding(entry, key, now));
          setFindings(new Map(found));
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
    },
  });
  return { verify, findings };
}

async function finding(entry: LoggedEntry, key: VerifierKey, now: Checkpoint): Promise<EntryProof | string> {
  try {
    return await verifyEntry(source, entry, key, now);
  } catch (failure) {
    if (failure instanceof Fault) return failure.message;
    throw failure;
  }
}
