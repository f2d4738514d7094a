import { expect, test } from 'vitest';
import { Problem } from '@/api/problem';
import { type Carrier, hashOf, PIECE, sendFrom } from './upload';

const never = new AbortController().signal;
const nothing = () => undefined;
const at_once = () => Promise.resolve();
const file = (bytes: number) => new Blob([new Uint8Array(bytes).fill(7)]);

/** A platform that keeps what arrives, and may lose the rest of a piece. */
function store(loses: (attempt: number) => number | null = () => null) {
  const pieces: [from: number, bytes: number][] = [];
  let arrived = 0;
  let attempts = 0;
  const carrier: Carrier = {
    standing: async () => arrived,
    send: async (piece, from, size) => {
      expect(from).toBe(arrived);
      expect(from + piece.size).toBeLessThanOrEqual(size);
      pieces.push([from, piece.size]);
      const left = loses(attempts++);
      arrived += left ?? piece.size;
      if (left !== null) throw new TypeError('connection lost');
      return arrived;
    },
  };
  return { carrier, pieces, arrived: () => arrived };
}

test('a file is hashed piece by piece as it would be at once', async () => {
  const heard: number[] = [];
  expect(await hashOf(new Blob(['abc']), (done) => heard.push(done), never)).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
  const large = file(PIECE + 5);
  const whole = await crypto.subtle.digest('SHA-256', await large.arrayBuffer());
  const words = Array.from(new Uint8Array(whole), (byte) => byte.toString(16).padStart(2, '0')).join('');
  expect(await hashOf(large, (done) => heard.push(done), never)).toBe(words);
  expect(heard).toEqual([3, PIECE, PIECE + 5]);
});

test('pieces follow each other, and progress is heard', async () => {
  const { carrier, pieces } = store();
  const heard: number[] = [];
  await sendFrom(0, file(2 * PIECE + 1), carrier, (done) => heard.push(done), never, at_once);
  expect(pieces).toEqual([
    [0, PIECE],
    [PIECE, PIECE],
    [2 * PIECE, 1],
  ]);
  expect(heard).toEqual([PIECE, 2 * PIECE, 2 * PIECE + 1]);
});

test('a broken upload goes on at the byte to which it came', async () => {
  const { carrier, pieces } = store((attempt) => (attempt === 1 ? 100 : null));
  await sendFrom(0, file(2 * PIECE), carrier, nothing, never, at_once);
  expect(pieces).toEqual([
    [0, PIECE],
    [PIECE, PIECE],
    [PIECE + 100, PIECE - 100],
  ]);
});

test('one that was left earlier begins where it stands', async () => {
  const { carrier, pieces, arrived } = store();
  await carrier.send(file(10), 0, 50);
  await sendFrom(await carrier.standing(), file(50), carrier, nothing, never, at_once);
  expect(pieces).toEqual([
    [0, 10],
    [10, 40],
  ]);
  expect(arrived()).toBe(50);
});

test('it gives up in the end, and at once when it is refused', async () => {
  const waits: number[] = [];
  const lost = store(() => 0);
  const wait = (millis: number) => Promise.resolve(void waits.push(millis));
  await expect(sendFrom(0, file(9), lost.carrier, nothing, never, wait)).rejects.toThrow('connection lost');
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000]);
  const refusing: Carrier = {
    standing: async () => 0,
    send: () => Promise.reject(new Problem({ status: 403, title: 'Forbidden' })),
  };
  await expect(sendFrom(0, file(9), refusing, nothing, never, wait)).rejects.toThrow('Forbidden');
  expect(waits).toHaveLength(5);
});

test('it stops when it is told to', async () => {
  const abort = new AbortController();
  const { carrier, pieces } = store();
  const sending = sendFrom(0, file(3 * PIECE), carrier, () => abort.abort(), abort.signal, at_once);
  await expect(sending).rejects.toThrow();
  expect(pieces).toHaveLength(1);
});
