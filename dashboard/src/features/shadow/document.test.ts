import { expect, test } from 'vitest';
import type { JsonObject } from '@/editor/json';
import { alsoIn, changesBetween, leavesOf, nullsIn, patched, patchOf, pathWords, rowsOf } from './document';

test('a patch makes the one document of the other', () => {
  const cases: [JsonObject, JsonObject, JsonObject][] = [
    [{ a: 1 }, { a: 1 }, {}],
    [{ a: 1 }, { a: 2 }, { a: 2 }],
    [{ a: 1 }, {}, { a: null }],
    [{}, { a: {} }, { a: {} }],
    [{ a: { x: 1 } }, { a: {} }, { a: { x: null } }],
    [{ a: { x: 1, y: 2 } }, { a: { x: 1, y: 3 } }, { a: { y: 3 } }],
    [{ a: { x: 1 } }, { a: [1, null] }, { a: [1, null] }],
    [{ a: 1 }, { a: { x: 1 } }, { a: { x: 1 } }],
    [{ a: [{ x: 1, y: 2 }] }, { a: [{ y: 2, x: 1 }] }, {}],
    [{ 'a/b': 1, '': 2 }, { 'a/b': 2 }, { '': null, 'a/b': 2 }],
  ];
  for (const [before, after, patch] of cases) {
    expect(patchOf(before, after)).toEqual(patch);
    expect(patched(before, patch)).toEqual(after);
  }
});

test('names of an object’s own are values like others', () => {
  const odd = JSON.parse('{"__proto__": {"x": 1}, "constructor": 2}') as JsonObject;
  const patch = patchOf({}, odd);
  expect(JSON.stringify(patch)).toBe(JSON.stringify(odd));
  expect(JSON.stringify(patched({}, patch))).toBe(JSON.stringify(odd));
  expect([...leavesOf(odd).keys()]).toEqual(['/__proto__/x', '/constructor']);
});

test('what others have changed is told value by value, and what is changed by both', () => {
  const changes = changesBetween({ valve: { open: true, speed: 1 }, mode: 'a' }, { valve: { open: false, speed: 1 } });
  expect(changes.map(({ path }) => pathWords(path))).toEqual(['mode', 'valve.open']);
  expect(changes[1]).toMatchObject({ before: true, after: false });
  const contested = (patch: JsonObject) => alsoIn(changes, patch).map(({ path }) => pathWords(path));
  expect(contested({ valve: { speed: 2 } })).toEqual([]);
  expect(contested({ valve: { open: null } })).toEqual(['valve.open']);
  expect(contested({ valve: 'gone' })).toEqual(['valve.open']);
  expect(contested({ mode: { x: 1 } })).toEqual(['mode']);
});

test('null is found where a patch could not set it', () => {
  expect(nullsIn({ a: null, b: { c: null }, d: [null], e: 0 }).map(pathWords)).toEqual(['a', 'b.c']);
  expect(pathWords(['a.b', '', 'c d', 'e'])).toBe('"a.b".""."c d".e');
});

test('both halves are told key by key', () => {
  const at = (version: number) => ({ timestamp: '2026-01-01T00:00:00Z', version });
  const rows = rowsOf({
    reported: { valve: { open: true, timestamp: 5 }, list: [] },
    desired: { valve: { open: false }, mode: {} },
    delta: { valve: { open: false }, mode: {} },
    metadata: {
      reported: { valve: { open: at(9), timestamp: at(8) }, list: at(1) },
      desired: { valve: { open: at(12) } },
    },
  });
  expect(rows.map(({ pointer, differs }) => [pointer, differs])).toEqual([
    ['/list', false],
    ['/mode', true],
    ['/valve/open', true],
    ['/valve/timestamp', false],
  ]);
  expect(rows[2]).toMatchObject({
    reported: { value: true, mark: { version: 9 } },
    desired: { value: false, mark: { version: 12 } },
  });
  expect(rows[1]!.desired).toEqual({ value: {}, mark: null });
});
