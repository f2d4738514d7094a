import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes } from '@noble/hashes/utils.js';
import { Fault, fromBase64, type Hash, utf8 } from './bytes';

/** The key that verifies a log's signatures: `name+id+Base64` (C2SP signed-note, Ed25519). */
export interface VerifierKey {
  readonly text: string;
  readonly name: string;
  readonly id: string;
  readonly key: Uint8Array;
}

/** What a log says of itself at one moment: so many entries, with this root. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Hash;
  /** The signed note that said so. */
  readonly note: string;
}

const ED25519 = 1;
const DASH = '\u2014 ';
/** As LedgerLimits has them. */
const NOTE_CHARACTERS = 128 * 1024;
const SIGNATURES = 100;
const NAME_CHARACTERS = 255;
const MOST_ENTRIES = 2 ** 48;

/** Reads a verifier key; refuses one whose id does not fit. */
export function parseKey(text: string): VerifierKey {
  const [, name, id, base64] = /^([^+]*)\+([^+]*)\+(.*)$/s.exec(text) ?? [];
  if (name === undefined) throw new Fault('The key is not a verifier key: name+id+key.');
  const bytes = fromBase64(base64!);
  if (bytes.length !== 33 || bytes[0] !== ED25519) throw new Fault('The key is not one for Ed25519.');
  requireName(name);
  const expected = bytesToHex(sha256(concatBytes(utf8(`${name}\n`), bytes)).subarray(0, 4));
  if (id !== expected) throw new Fault('The key is not a verifier key: its id does not fit.');
  return { text, name, id: expected, key: bytes.subarray(1) };
}

/** The checkpoint in a note that the log's own key has signed; an error says what is wrong with any other. */
export function openCheckpoint(note: string, key: VerifierKey): Checkpoint {
  const { text, signatures } = parseNote(note);
  const own = signatures.filter(({ name, bytes }) => name === key.name && bytesToHex(bytes.subarray(0, 4)) === key.id);
  if (own.length === 0) throw new Fault('The checkpoint is not signed by the key of the log.');
  // If several are said to be of this key, each must be right.
  if (!own.every(({ bytes }) => verifies(key, text, bytes.subarray(4)))) {
    throw new Fault('The signature of the checkpoint is wrong.');
  }
  const checkpoint = parseCheckpoint(text);
  if (checkpoint.origin !== key.name) throw new Fault('The checkpoint is that of another log.');
  return { ...checkpoint, note };
}

function verifies(key: VerifierKey, text: string, signature: Uint8Array): boolean {
  try {
    return signature.length === 64 && ed25519.verify(signature, utf8(text), key.key, { zip215: false });
  } catch {
    return false; // not a point of the curve
  }
}

interface Signature {
  readonly name: string;
  /** Four bytes of the key's id, then the signature. */
  readonly bytes: Uint8Array;
}

/** A text and its signatures (C2SP signed-note). Reading one proves nothing. */
function parseNote(note: string): { text: string; signatures: Signature[] } {
  const end = note.lastIndexOf('\n\n');
  if (note.length > NOTE_CHARACTERS || end < 0 || !note.endsWith('\n') || /\p{Cs}/u.test(note)) {
    throw new Fault('The checkpoint is not a signed note.');
  }
  const text = note.slice(0, end + 1);
  if (/[\0-\x09\x0b-\x1f]/.test(text)) throw new Fault('The checkpoint has control characters in it.');
  const lines = note.slice(end + 2, -1).split('\n');
  if (lines.length > SIGNATURES) throw new Fault('The checkpoint has too many signatures.');
  return { text, signatures: lines.map(parseSignature) };
}

function parseSignature(line: string): Signature {
  const space = line.lastIndexOf(' ');
  if (!line.startsWith(DASH) || space < DASH.length) throw new Fault('A line of the checkpoint is no signature.');
  const name = line.slice(DASH.length, space);
  requireName(name);
  const bytes = fromBase64(line.slice(space + 1));
  if (bytes.length < 5) throw new Fault('A signature is too short.');
  return { name, bytes };
}

/** Reads the text of a checkpoint (C2SP tlog-checkpoint): origin, size and root on a line each, then extensions. */
function parseCheckpoint(text: string): Omit<Checkpoint, 'note'> {
  const [origin, size, root, ...rest] = text.split('\n');
  const fits = origin && size && root && rest.at(-1) === '' && rest.slice(0, -1).every((line) => line !== '');
  if (!fits || !/^(0|[1-9][0-9]{0,14})$/.test(size) || Number(size) > MOST_ENTRIES) {
    throw new Fault('The checkpoint is not one: origin, number of entries, root.');
  }
  const bytes = fromBase64(root);
  if (bytes.length !== 32) throw new Fault('The root of the checkpoint is no hash.');
  return { origin, size: Number(size), root: bytesToHex(bytes) };
}

function requireName(name: string) {
  if (name === '' || name.length > NAME_CHARACTERS || /[+\s\p{Zs}\p{Cc}]/u.test(name)) {
    throw new Fault('The name of a key has no space and no + in it.');
  }
}
