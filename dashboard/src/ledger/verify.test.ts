import { expect, test } from 'vitest';
import { Problem } from '@/api/problem';
import { openCheckpoint, parseKey } from './note';
import { TestLog } from './testLog';
import { type Source, verifyEntry, verifyLog } from './verify';
import type { Memory } from './witness';

const entries = (count: number) => Array.from({ length: count }, (_, n) => ({ action: 'x', n }));
const memoryOf = (log: TestLog, size?: number): Memory => ({ key: log.key, note: log.note(size) });

/** The same key, and a history in which one entry was another. */
function rewritten(log: TestLog, index: number): TestLog {
  const forged = new TestLog([...log.entries]);
  forged.entries[index] = { action: 'forged' };
  Object.assign(forged, { secret: log.secret });
  return forged;
}

test('the first look remembers, later ones see that the log continues', async () => {
  const log = new TestLog(entries(7));
  const first = await verifyLog(log.source(), null);
  expect(first).toMatchObject({ kind: 'intact', now: { size: 7 }, judgement: { kind: 'first' } });
  const memory = memoryOf(log);
  expect(await verifyLog(log.source(), memory)).toMatchObject({ kind: 'intact', judgement: { kind: 'unchanged' } });
  log.entries.push(...entries(6));
  expect(await verifyLog(log.source(), memory)).toMatchObject({
    kind: 'intact',
    now: { size: 13 },
    judgement: { kind: 'continued', last: { size: 7 } },
  });
});

test('a log that was rewritten before the last look is found out, whatever proof it offers', async () => {
  const log = new TestLog(entries(20));
  const memory = memoryOf(log, 13);
  for (const index of [0, 6, 12]) {
    const forged = rewritten(log, index);
    for (const proof of [forged.consistency(13), log.consistency(13), []]) {
      const source: Source = { ...forged.source(), consistency: async () => proof };
      const verdict = await verifyLog(source, memory);
      expect(verdict).toMatchObject({ kind: 'rewritten', reason: /no proof leads from its 13 entries/ });
      expect(verdict).toMatchObject({ was: memory, shows: { note: forged.note() } });
    }
  }
  // What came after the last look may be anything: nobody has seen it.
  expect(await verifyLog(rewritten(log, 13).source(), memory)).toMatchObject({ kind: 'intact' });
});

test('a log that shows less, or another root for as much, was rewritten', async () => {
  const log = new TestLog(entries(9));
  const shorter = rewritten(log, 0);
  shorter.entries.pop();
  expect(await verifyLog(shorter.source(), memoryOf(log))).toMatchObject({
    kind: 'rewritten',
    reason: 'it had 9 entries and shows 8 now',
  });
  expect(await verifyLog(rewritten(log, 3).source(), memoryOf(log))).toMatchObject({
    kind: 'rewritten',
    reason: 'it shows two roots for 9 entries',
  });
});

test('another key is said, and a wrong signature is never intact', async () => {
  const log = new TestLog(entries(3));
  const other = new TestLog(entries(3));
  expect(await verifyLog(other.source(), memoryOf(log))).toMatchObject({ kind: 'rewritten', reason: /another key/ });
  const mixed: Source = { ...log.source(), checkpoint: async () => other.note() };
  expect(await verifyLog(mixed, null)).toMatchObject({ kind: 'broken', reason: /not signed/ });
  const garbled: Source = { ...log.source(), consistency: async () => ['zz'] };
  expect(await verifyLog(garbled, memoryOf(log, 2))).toMatchObject({ kind: 'broken', reason: /64 hexadecimal/ });
});

test('a platform that cannot be asked is no verdict', async () => {
  const refused: Source = {
    ...new TestLog([]).source(),
    checkpoint: async () => {
      throw new Problem({ status: 403, title: 'Forbidden' });
    },
  };
  await expect(verifyLog(refused, null)).rejects.toMatchObject({ status: 403 });
});

test('an entry is proven as it is shown, and no other', async () => {
  const log = new TestLog(entries(11));
  const key = parseKey(log.key);
  const known = openCheckpoint(log.note(8), key);
  const shown = { id: 5, index: 4, entry: log.entries[4] };
  expect(await verifyEntry(log.source(), shown, key, known)).toMatchObject({ index: 4, checkpoint: { size: 11 } });
  const lie = { ...shown, entry: { action: 'x', n: 5 } };
  await expect(verifyEntry(log.source(), lie, key, known)).rejects.toThrow(/not the one that was logged/);
  await expect(verifyEntry(log.source(), { ...shown, index: 3 }, key, known)).rejects.toThrow(/another place/);
});

test('a forged log proves its entry only to whoever remembers nothing', async () => {
  const log = new TestLog(entries(11));
  const key = parseKey(log.key);
  const forged = rewritten(log, 4);
  const shown = { id: 5, index: 4, entry: forged.entries[4] };
  const known = openCheckpoint(log.note(), key);
  await expect(verifyEntry(forged.source(), shown, key, known)).rejects.toThrow(/does not continue/);
  const stale: Source = {
    ...log.source(),
    proof: async (id) => ({ ...(await log.source().proof(id)), size: 10 }),
  };
  await expect(verifyEntry(stale, { ...shown, entry: log.entries[4] }, key, known)).rejects.toThrow(/another size/);
});
