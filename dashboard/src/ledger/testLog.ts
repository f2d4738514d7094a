import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js';
import { EMPTY, type Hash, leaf, node, utf8 } from './bytes';
import { canonical } from './canonical';
import type { Source } from './verify';

/** A log for tests, drawn from above as RFC 6962 defines it, so that it shares nothing with what is tested. */
export class TestLog {
  readonly secret = ed25519.utils.randomSecretKey();

  constructor(
    readonly entries: unknown[],
    readonly name = 'iotflow.example/audit',
  ) {}

  private get leaves(): Hash[] {
    return this.entries.map((entry) => leaf(utf8(canonical(entry))));
  }

  get key(): string {
    const typed = concatBytes(Uint8Array.of(1), ed25519.getPublicKey(this.secret));
    return `${this.name}+${this.id(typed)}+${base64(typed)}`;
  }

  private id = (typed: Uint8Array) => bytesToHex(sha256(concatBytes(utf8(`${this.name}\n`), typed)).subarray(0, 4));

  note(size = this.entries.length): string {
    const text = `${this.name}\n${size}\n${base64(hexToBytes(rootOf(this.leaves.slice(0, size))))}\n`;
    return this.signed(text);
  }

  signed(text: string): string {
    const id = hexToBytes(this.key.split('+')[1]!);
    const signature = base64(concatBytes(id, ed25519.sign(utf8(text), this.secret)));
    return `${text}\n\u2014 ${this.name} ${signature}\n`;
  }

  inclusion = (index: number, size = this.entries.length) => pathOf(index, this.leaves.slice(0, size));

  consistency = (from: number, to = this.entries.length) =>
    from === 0 || from === to ? [] : proofOf(from, this.leaves.slice(0, to), true);

  root = (size = this.entries.length) => rootOf(this.leaves.slice(0, size));

  /** What an honest platform answers. */
  source(): Source {
    return {
      key: async () => `${this.key}\n`,
      checkpoint: async () => this.note(),
      consistency: async (from, to) => this.consistency(from, to),
      proof: async (id) => ({
        id,
        index: id - 1,
        entry: this.entries[id - 1],
        size: this.entries.length,
        proof: this.inclusion(id - 1),
        checkpoint: this.note(),
      }),
    };
  }
}

export const base64 = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes));

/** The largest power of two below a size. */
const split = (size: number) => 2 ** Math.ceil(Math.log2(size) - 1);

export function rootOf(leaves: readonly Hash[]): Hash {
  if (leaves.length === 0) return EMPTY;
  if (leaves.length === 1) return leaves[0]!;
  const at = split(leaves.length);
  return node(rootOf(leaves.slice(0, at)), rootOf(leaves.slice(at)));
}

/** RFC 6962, section 2.1.1. */
function pathOf(index: number, leaves: readonly Hash[]): Hash[] {
  if (leaves.length <= 1) return [];
  const at = split(leaves.length);
  return index < at
    ? [...pathOf(index, leaves.slice(0, at)), rootOf(leaves.slice(at))]
    : [...pathOf(index - at, leaves.slice(at)), rootOf(leaves.slice(0, at))];
}

/** RFC 6962, section 2.1.2. */
function proofOf(old: number, leaves: readonly Hash[], whole: boolean): Hash[] {
  if (old === leaves.length) return whole ? [] : [rootOf(leaves)];
  const at = split(leaves.length);
  return old <= at
    ? [...proofOf(old, leaves.slice(0, at), whole), rootOf(leaves.slice(at))]
    : [...proofOf(old - at, leaves.slice(at), false), rootOf(leaves.slice(0, at))];
}
