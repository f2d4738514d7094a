import { asHash, Fault, type Hash, leaf, utf8 } from './bytes';
import { canonical } from './canonical';
import { type Checkpoint, openCheckpoint, parseKey, type VerifierKey } from './note';
import { isContinued, isIncluded } from './proofs';
import { judge, type Judgement, type Memory } from './witness';

/** What the platform is asked for. None of it is believed: each answer is checked here. */
export interface Source {
  readonly key: () => Promise<string>;
  readonly checkpoint: () => Promise<string>;
  readonly consistency: (from: number, to: number) => Promise<readonly string[]>;
  readonly proof: (id: number) => Promise<Proof>;
}

/** An entry as it is shown. */
export interface Shown {
  readonly id: number;
  readonly index: number | null;
  readonly entry: unknown;
}

export interface Proof extends Shown {
  readonly size: number;
  readonly proof: readonly string[];
  readonly checkpoint: string;
}

/** What a look at the whole log came to. */
export type Verdict =
  | { readonly kind: 'intact'; readonly key: VerifierKey; readonly now: Checkpoint; readonly judgement: Judgement }
  /** It contradicts what this browser remembers: the notes of then and of now are the evidence. */
  | { readonly kind: 'rewritten'; readonly reason: string; readonly was: Memory; readonly shows: Memory }
  /** What the platform sent does not hold by itself. */
  | { readonly kind: 'broken'; readonly reason: string };

/** Whether the log is signed by its key, and continues what this browser remembers of it. */
export async function verifyLog(source: Source, memory: Memory | null): Promise<Verdict> {
  const [keyText, note] = await Promise.all([source.key(), source.checkpoint()]);
  return judged(async () => {
    const key = parseKey(keyText.trim());
    const now = openCheckpoint(note, key);
    const shows = { key: key.text, note };
    if (memory && memory.key !== key.text) {
      return { kind: 'rewritten', reason: 'it is signed by another key than then', was: memory, shows };
    }
    const judgement = judge(memory, now, await proofBetween(source, memory, now));
    return judgement.kind === 'rewritten'
      ? { kind: 'rewritten', reason: judgement.reason, was: memory!, shows }
      : { kind: 'intact', key, now, judgement };
  });
}

async function proofBetween(source: Source, memory: Memory | null, now: Checkpoint): Promise<Hash[]> {
  if (!memory) return [];
  const last = openCheckpoint(memory.note, parseKey(memory.key));
  return last.size < now.size ? (await source.consistency(last.size, now.size)).map(asHash) : [];
}

/** A refusal or a lost connection says nothing about the log and is thrown on; anything else is the log's fault. */
async function judged(look: () => Promise<Verdict>): Promise<Verdict> {
  try {
    return await look();
  } catch (failure) {
    if (!(failure instanceof Fault)) throw failure;
    return { kind: 'broken', reason: failure.message };
  }
}

/** What was found out about one entry, step by step. */
export interface EntryProof {
  readonly leaf: Hash;
  readonly index: number;
  readonly hashes: number;
  readonly checkpoint: Checkpoint;
}

/**
 * Whether an entry, as it is shown, is in the log that was signed, and that log is one with `known`. A `Fault` says what
 * does not hold.
 */
export async function verifyEntry(
  source: Source,
  shown: Shown,
  key: VerifierKey,
  known: Checkpoint,
  offered?: Proof,
): Promise<EntryProof> {
  const proof = offered ?? (await source.proof(shown.id));
  const hash = leaf(utf8(canonical(shown.entry)));
  const { index } = proof;
  if (index === null) throw new Fault('The entry has no number in the log yet; try again.');
  if (shown.index !== null && shown.index !== index) throw new Fault('The proof is for another place in the log.');
  const checkpoint = openCheckpoint(proof.checkpoint, key);
  if (proof.size !== checkpoint.size) throw new Fault('The proof is for another size of the log.');
  if (!isIncluded(hash, index, checkpoint.size, proof.proof.map(asHash), checkpoint.root)) {
    throw new Fault('This entry is not the one that was logged: its proof does not lead to the signed root.');
  }
  if (!(await isOneLog(source, known, checkpoint))) {
    throw new Fault('The proof is from a log that does not continue the one that was checked.');
  }
  return { leaf: hash, index, hashes: proof.proof.length, checkpoint };
}

/** Whether one of two checkpoints continues the other. */
async function isOneLog(source: Source, one: Checkpoint, other: Checkpoint): Promise<boolean> {
  const [old, young] = one.size <= other.size ? [one, other] : [other, one];
  const proof = old.size < young.size ? (await source.consistency(old.size, young.size)).map(asHash) : [];
  return isContinued(old.size, old.root, young.size, young.root, proof);
}
