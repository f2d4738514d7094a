import type { Hash } from './bytes';
import { type Checkpoint, openCheckpoint, parseKey } from './note';
import { isContinued } from './proofs';

/** What a browser remembers of a log between visits. */
export interface Memory {
  readonly key: string;
  readonly note: string;
}

/** What a log that continues what it has shown is said to be, and one that does not. */
export type Judgement =
  | { readonly kind: 'first' | 'unchanged' | 'continued'; readonly last: Checkpoint | null }
  | { readonly kind: 'rewritten'; readonly last: Checkpoint; readonly reason: string };

/**
 * Judges what a log shows now by what it showed before, as the witness of the ledger module does: a smaller log, another
 * root for the same size, a proof that does not lead on, and it was rewritten.
 *
 * @param proof what the platform offers as a proof from the older size to the newer one; empty where none is needed
 */
export function judge(memory: Memory | null, now: Checkpoint, proof: readonly Hash[]): Judgement {
  if (memory === null) return { kind: 'first', last: null };
  const last = openCheckpoint(memory.note, parseKey(memory.key));
  const rewritten = (reason: string): Judgement => ({ kind: 'rewritten', last, reason });
  if (now.origin !== last.origin) return rewritten(`it was called ${last.origin} and is called ${now.origin} now`);
  if (now.size < last.size) return rewritten(`it had ${last.size} entries and shows ${now.size} now`);
  if (now.size === last.size) {
    if (now.root !== last.root) return rewritten(`it shows two roots for ${now.size} entries`);
    return { kind: 'unchanged', last };
  }
  if (!isContinued(last.size, last.root, now.size, now.root, proof)) {
    return rewritten(`no proof leads from its ${last.size} entries of then to the ${now.size} of now`);
  }
  return { kind: 'continued', last };
}
