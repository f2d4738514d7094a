import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EMPTY, type Hash, leaf, utf8 } from './bytes';
import { canonical } from './canonical';
import { openCheckpoint, parseKey } from './note';
import { isContinued, isIncluded } from './proofs';
import { TestLog } from './testLog';

const EXAMPLE = readFileSync('../docs/concepts/audit-example.jsonl', 'utf8').trimEnd().split('\n');
const HEAD = JSON.parse(EXAMPLE[0]!) as { checkpoint: string; key: string };
const TILE = JSON.parse(EXAMPLE[1]!) as { hashes: string[] };
const ENTRIES = EXAMPLE.slice(2, 5);

test('the example of the documentation verifies: key, signature, each entry', () => {
  const checkpoint = openCheckpoint(HEAD.checkpoint, parseKey(HEAD.key));
  expect(checkpoint).toMatchObject({ origin: 'iotflow.example/audit', size: 3 });
  const leaves = ENTRIES.map((line) => leaf(utf8(canonical(JSON.parse(line)))));
  expect(leaves).toEqual(TILE.hashes);
  const log = new TestLog(ENTRIES.map((line) => JSON.parse(line) as unknown));
  expect(log.root()).toBe(checkpoint.root);
  for (const index of [0, 1, 2]) {
    expect(isIncluded(leaves[index]!, index, 3, log.inclusion(index), checkpoint.root)).toBe(true);
  }
});

test('no changed word of an entry goes unnoticed', () => {
  const { root } = openCheckpoint(HEAD.checkpoint, parseKey(HEAD.key));
  const log = new TestLog(ENTRIES.map((line) => JSON.parse(line) as unknown));
  for (const [from, to] of [
    ['ann', 'bob'],
    ['82.5', '82.6'],
    ['"version":2', '"version":3'],
    ['192.0.2.17', '192.0.2.18'],
  ] as const) {
    expect(ENTRIES[1]).toContain(from);
    const changed = leaf(utf8(canonical(JSON.parse(ENTRIES[1]!.replace(from, to)))));
    expect(isIncluded(changed, 1, 3, log.inclusion(1), root)).toBe(false);
  }
});

test('canonical JSON comes out as in RFC 8785', () => {
  const text = `{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\"\\/", "literals": [null, true, false]}`;
  expect(canonical(JSON.parse(text))).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
      '"string":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
  const names = JSON.parse(
    '{"\\u20ac":1,"\\r":2,"\\ufb33":3,"1":4,"\\ud83d\\ude00":5,"\\u0080":6,"\\u00f6":7}',
  ) as Record<string, number>;
  expect(canonical(names)).toBe('{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}');
  expect(canonical(JSON.parse('{"__proto__":1,"a":-0,"b":[]}'))).toBe('{"__proto__":1,"a":0,"b":[]}');
});

/** The published example of Go's package golang.org/x/mod/sumdb/note. */
const GO_KEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const GO_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const GO_SIGNATURE =
  '\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';

test("what Go's package signed verifies; it is only no checkpoint", () => {
  expect(() => openCheckpoint(`${GO_TEXT}\n${GO_SIGNATURE}`, parseKey(GO_KEY))).toThrow(/not one: origin/);
  const changed = `${GO_TEXT.replace('answer', 'Answer')}\n${GO_SIGNATURE}`;
  expect(() => openCheckpoint(changed, parseKey(GO_KEY))).toThrow(/signature .* is wrong/);
});

test('keys are read only in the form in which they are written', () => {
  expect(parseKey(GO_KEY).name).toBe('PeterNeumann');
  for (const text of [
    '',
    '+',
    '++',
    'a+b',
    `${GO_KEY}A`,
    `${GO_KEY}\n`,
    ` ${GO_KEY}`,
    GO_KEY.replace('c74f20a3', 'C74F20A3'),
    GO_KEY.replace('c74f20a3', 'c74f20a4'),
    GO_KEY.replace('Peter', 'Paul'),
    GO_KEY.replace('+ARpc', '+AhpC'),
    GO_KEY.replace('+ARpc', '+ARpd'),
  ]) {
    expect(() => parseKey(text), text).toThrow();
  }
});

test('no changed character of a checkpoint goes unnoticed', () => {
  const key = parseKey(HEAD.key);
  const note = HEAD.checkpoint;
  for (let at = 0; at < note.length; at++) {
    const changed = note.slice(0, at) + String.fromCharCode(note.charCodeAt(at) ^ 1) + note.slice(at + 1);
    expect(() => openCheckpoint(changed, key), `character ${at}`).toThrow();
    expect(() => openCheckpoint(note.slice(0, at), key), `cut at ${at}`).toThrow();
  }
});

test('only the own key of the log opens a checkpoint, and witnesses may sign also', () => {
  const log = new TestLog([{ a: 1 }]);
  const other = new TestLog([{ a: 1 }]);
  const foreign = new TestLog([{ a: 1 }], 'witness.example/w1');
  const key = parseKey(log.key);
  expect(() => openCheckpoint(other.note(), key)).toThrow(/not signed/);
  expect(() => openCheckpoint(foreign.note(), key)).toThrow(/not signed/);
  const cosigned = log.note() + foreign.signed(log.note().split('\n\n')[0]! + '\n').split('\n\n')[1]!;
  expect(openCheckpoint(cosigned, key).size).toBe(1);
  const spoilt = log.note() + log.signed('another text\n').split('\n\n')[1]!;
  expect(() => openCheckpoint(spoilt, key)).toThrow(/wrong/);
  const elsewhere = log.signed(`elsewhere.example\n1\n${log.note().split('\n')[2]}\n`);
  expect(() => openCheckpoint(elsewhere, key)).toThrow(/another log/);
});

test('what is no checkpoint is refused although it is signed', () => {
  const log = new TestLog([{ a: 1 }]);
  const [name, size, root] = log.note().split('\n') as [string, string, string];
  expect(openCheckpoint(log.signed(`${name}\n${size}\n${root}\nmore\nand more\n`), parseKey(log.key)).size).toBe(1);
  for (const text of [
    '\n',
    `${name}\n${size}\n`,
    `${name}\n0${size}\n${root}\n`,
    `${name}\n-1\n${root}\n`,
    `${name}\n\n${root}\n`,
    `${name}\n281474976710657\n${root}\n`,
    `${name}\n${size}\n${root.replace('=', '')}\n`,
    `${name}\n${size}\nAAAA\n`,
    `${name}\n${size}\n${root}\n\nmore\n`,
    `${name}\r\n${size}\r\n${root}\r\n`,
  ]) {
    expect(() => openCheckpoint(log.signed(text), parseKey(log.key)), JSON.stringify(text)).toThrow();
  }
});

const SIZES = [1, 2, 3, 7, 8, 64, 100, 255, 256, 257, 300];
const big = new TestLog(Array.from({ length: 300 }, (_, n) => ({ n })));
const leafOf = (index: number) => leaf(utf8(canonical({ n: index })));
const flipped = (hash: Hash) => (hash[0] === '0' ? '1' : '0') + hash.slice(1);

test('proofs of inclusion hold, and no changed one does', () => {
  for (const size of SIZES) {
    const root = big.root(size);
    for (const index of new Set([0, 1, size >> 1, size - 2, size - 1].filter((at) => at >= 0 && at < size))) {
      const proof = big.inclusion(index, size);
      expect(isIncluded(leafOf(index), index, size, proof, root), `${index} of ${size}`).toBe(true);
      for (const changed of changes(proof)) {
        expect(isIncluded(leafOf(index), index, size, changed, root)).toBe(false);
      }
      for (const other of [0, 1, size >> 1, size - 1].filter((at) => at !== index)) {
        expect(isIncluded(leafOf(index), other, size, proof, root)).toBe(false);
        expect(isIncluded(leafOf(other), index, size, proof, root)).toBe(false);
      }
      expect(isIncluded(leafOf(index), index, size, proof, flipped(root))).toBe(false);
    }
  }
});

test('proofs of consistency hold, and no changed one does', () => {
  for (const size of SIZES) {
    const root = big.root(size);
    for (const old of new Set([0, 1, 2, size >> 1, size - 1, size].filter((at) => at <= size))) {
      const proof = big.consistency(old, size);
      const oldRoot = big.root(old);
      expect(isContinued(old, oldRoot, size, root, proof), `${old} to ${size}`).toBe(true);
      for (const changed of changes(proof)) expect(isContinued(old, oldRoot, size, root, changed)).toBe(false);
      expect(isContinued(old, flipped(oldRoot), size, root, proof)).toBe(false);
      if (old > 0) expect(isContinued(old, oldRoot, size, flipped(root), proof)).toBe(false);
    }
  }
});

test('numbers that cannot be are answered with no', () => {
  const proof = big.inclusion(5);
  for (const a of [-300, -1, 0.5, NaN, Infinity, 2 ** 53, 2 ** 60]) {
    for (const b of [-1, 0, 6, 301, NaN, Infinity, 2 ** 60]) {
      expect(isIncluded(leafOf(5), a, b, proof, big.root())).toBe(false);
      expect(isContinued(a, leafOf(5), b, big.root(), proof)).toBe(false);
    }
  }
  const endless = Array.from({ length: 10_000 }, () => EMPTY);
  expect(isIncluded(leafOf(5), 5, 2 ** 48, endless, big.root())).toBe(false);
});

/** Every proof that differs by one hash: flipped, dropped, added, or two exchanged. */
function changes(proof: readonly Hash[]): Hash[][] {
  const found: Hash[][] = [];
  proof.forEach((hash, at) => {
    found.push(proof.with(at, flipped(hash)), proof.toSpliced(at, 1), proof.toSpliced(at, 0, hash));
    if (at > 0) found.push(proof.with(at, proof[at - 1]!).with(at - 1, hash));
  });
  found.push([...proof, EMPTY], [EMPTY, ...proof]);
  return found;
}
