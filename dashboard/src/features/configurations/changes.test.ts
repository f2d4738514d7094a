import { expect, test } from 'vitest';
import { changesBetween } from './changes';

test('objects are looked into, all else is compared as a whole', () => {
  const before = { interval: 60, limits: { high: 80, low: 1 }, list: [1, 2], gone: true, same: { a: 1, b: 2 } };
  const after = { interval: 30, limits: { high: 80, low: null }, list: [2, 1], 'a/b': 1, same: { b: 2, a: 1 } };
  expect(changesBetween(before, after)).toEqual([
    { path: '/a~1b', after: 1 },
    { path: '/gone', before: true },
    { path: '/interval', before: 60, after: 30 },
    { path: '/limits/low', before: 1, after: null },
    { path: '/list', before: [1, 2], after: [2, 1] },
  ]);
  expect(changesBetween(before, before)).toEqual([]);
});
