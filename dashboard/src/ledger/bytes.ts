import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js';

/**
 * Hashes and texts of the audit log, as docs/concepts/audit.md writes them. SHA-256 comes from a library and not from
 * the browser, which offers its own only to pages over HTTPS or on this machine.
 */
export type Hash = string;

/** What does not hold: the sentence says what. */
export class Fault extends Error {}

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** The root of a log without entries: the hash of nothing. */
export const EMPTY: Hash = bytesToHex(sha256(new Uint8Array()));

/** The hash of an entry's bytes as a leaf of the tree. */
export const leaf = (entry: Uint8Array): Hash => bytesToHex(sha256(concatBytes(LEAF, entry)));

/** The hash of a node with these children. */
export const node = (left: Hash, right: Hash): Hash =>
  bytesToHex(sha256(concatBytes(NODE, hexToBytes(left), hexToBytes(right))));

/** A hash as it is sent: 64 hexadecimal digits in lower case. */
export function asHash(value: unknown): Hash {
  if (typeof value !== 'string' || !/^[0-9a-f]{64}$/.test(value)) throw new Fault('a hash has 64 hexadecimal digits');
  return value;
}

export const utf8 = (text: string) => new TextEncoder().encode(text);

/** Standard Base64 with one text for one value; the browser's own decoder also reads texts without padding. */
export function fromBase64(text: string): Uint8Array {
  let decoded: string;
  try {
    decoded = atob(text);
  } catch {
    throw new Fault('is not Base64');
  }
  if (btoa(decoded) !== text) throw new Fault('is not standard Base64 with padding');
  return Uint8Array.from(decoded, (character) => character.charCodeAt(0));
}
