import type { Memory } from '@/ledger/witness';

/** What this browser remembers of the log: the last signed checkpoint that held, and when that was. */
export interface Remembered extends Memory {
  readonly at: string;
}

const KEY = 'iotflow.audit';

/** Null when nothing is remembered. It survives signing out: it holds a number and a hash, and nobody's secrets. */
export function recall(): Remembered | null {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null');
    if (typeof kept !== 'object' || kept === null) return null;
    const { key, note, at } = kept as Partial<Remembered>;
    return typeof key === 'string' && typeof note === 'string' && typeof at === 'string' ? { key, note, at } : null;
  } catch {
    return null;
  }
}

export function remember(memory: Memory) {
  try {
    localStorage.setItem(KEY, JSON.stringify({ key: memory.key, note: memory.note, at: new Date().toISOString() }));
  } catch {
    // Storage is forbidden: then each look is the first.
  }
}
