import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { Problem } from '@/api/problem';

/** Bytes that are read or sent at once: no image is ever in memory as a whole. */
export const PIECE = 4 << 20;
/** The platform takes no larger image. */
export const LARGEST = 2 ** 30;
/** How often one piece is tried, and the first wait before it is, in milliseconds; each further one is twice as long. */
const ATTEMPTS = 6;
const FIRST_WAIT = 1_000;

/** The SHA-256 of a file in hexadecimal, read piece by piece; hears how many bytes are done. */
export async function hashOf(file: Blob, heard: (done: number) => void, signal: AbortSignal): Promise<string> {
  const hash = sha256.create();
  for (let at = 0; at < file.size; at += PIECE) {
    signal.throwIfAborted();
    hash.update(new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer()));
    heard(Math.min(at + PIECE, file.size));
  }
  signal.throwIfAborted();
  return bytesToHex(hash.digest());
}

/** Brings bytes to where they shall be. */
export interface Carrier {
  /** At which byte the upload goes on. */
  standing(): Promise<number>;
  /** Sends a piece that begins at a byte of so many; answers where the upload stands then. */
  send(piece: Blob, from: number, size: number): Promise<number>;
}

/**
 * Sends a file from a byte on. When a piece does not arrive, it asks how much of it did and goes on there, some times
 * over; after that, and when the platform refuses, it fails, and may be called again.
 */
export async function sendFrom(
  from: number,
  file: Blob,
  carrier: Carrier,
  heard: (done: number) => void,
  signal: AbortSignal,
  wait: (millis: number) => Promise<void> = pause,
): Promise<void> {
  let at = from;
  let failures = 0;
  while (at < file.size) {
    signal.throwIfAborted();
    try {
      if (failures > 0) at = await carrier.standing();
      if (at < file.size) at = await carrier.send(file.slice(at, at + PIECE), at, file.size);
      failures = 0;
      heard(at);
    } catch (failure) {
      if (signal.aborted || !mayPass(failure) || ++failures === ATTEMPTS) throw failure;
      await wait(FIRST_WAIT * 2 ** (failures - 1));
    }
  }
}

/** Whether it may be better another time: no answer, a token that ended, another upload that is just ending. */
function mayPass(failure: unknown) {
  if (failure instanceof Problem) return [0, 401, 408, 409, 429, 502, 503, 504].includes(failure.status);
  return failure instanceof TypeError;
}

const pause = (millis: number) => new Promise<void>((resume) => setTimeout(resume, millis));
