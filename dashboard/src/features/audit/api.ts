import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { answerOf, api, type Schemas } from '@/api/client';
import { usePages } from '@/api/pages';
import { Fault } from '@/ledger/bytes';
import type { Proof, Source } from '@/ledger/verify';
import { save } from '@/ui/save';
import { type AuditView, queryFrom } from './view';

export type LoggedEntry = Schemas['LoggedEntry'];
export type AuditEntry = Schemas['AuditEntry'];

const PAGE = 50;

/** Entries, the newest first. */
export const useEntries = (view: AuditView) =>
  usePages(['audit', 'list', view], async (cursor) => {
    const query = { ...queryFrom(view), limit: PAGE, cursor };
    const { entries, next_cursor } = await answerOf(api.GET('/api/v1/audit', { params: { query } }));
    return { items: entries, next: next_cursor };
  });

/** The id of the newest entry that the view would show; asked every few seconds, to say that there are newer ones. */
export const useNewest = (view: AuditView) =>
  useQuery({
    queryKey: ['audit', 'newest', view],
    queryFn: async () => {
      const query = { ...queryFrom(view), limit: 1 };
      return (await answerOf(api.GET('/api/v1/audit', { params: { query } }))).entries[0]?.id ?? 0;
    },
    refetchInterval: 5_000,
    placeholderData: keepPreviousData,
  }).data ?? 0;

/** One entry with its proof. */
export const useProvenEntry = (id: number) =>
  useQuery({ queryKey: ['audit', 'proof', id], queryFn: () => readProof(id), enabled: Number.isSafeInteger(id) });

export type ProvenEntry = LoggedEntry & Proof;

async function readProof(entry: number): Promise<ProvenEntry> {
  return answerOf(api.GET('/api/v1/audit/{entry}/proof', { params: { path: { entry } } }));
}

const text = { parseAs: 'text' } as const;

/** The platform's answers, to be checked. */
export const source: Source = {
  key: async () => answerOf(api.GET('/api/v1/audit/key', text)),
  checkpoint: async () => answerOf(api.GET('/api/v1/audit/checkpoint', text)),
  consistency: async (from, to) => {
    const { proof } = await answerOf(api.GET('/api/v1/audit/consistency', { params: { query: { from, to } } }));
    if (!Array.isArray(proof)) throw new Fault('The platform sent no proof.');
    return proof;
  },
  proof: async (id) => {
    const proven = await readProof(id);
    if (!Array.isArray(proven.proof) || typeof proven.checkpoint !== 'string') {
      throw new Fault('The platform sent no proof.');
    }
    return proven;
  },
};

/** Saves what the caller may see of the log as a file that `iotflow verify` checks. */
export async function exportLog() {
  const lines = await answerOf(api.GET('/api/v1/audit/export', { parseAs: 'blob' }));
  save(lines, 'audit.jsonl');
}
