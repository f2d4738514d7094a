import { expect, test } from 'vitest';
import { mistakeIn, objectIn, placesIn } from './json';

const TEXT = `{
  "interval": 60,
  "limits": {"high": "a \\"b\\", c", "low": [1, {"x": true}]},
  "a/b~c": null
}`;
const wordAt = (pointer: string) => TEXT.slice(placesIn(TEXT).get(pointer)).match(/^[\w/~]+|^./)![0];

test('each part of a text has its place', () => {
  expect(wordAt('')).toBe('{');
  expect(wordAt('/interval')).toBe('interval');
  expect(wordAt('/limits/high')).toBe('high');
  expect(wordAt('/limits/low/0')).toBe('1');
  expect(wordAt('/limits/low/1/x')).toBe('x');
  expect(wordAt('/a~1b~0c')).toBe('a/b~c');
  expect(placesIn(TEXT).size).toBe(9);
});

test('what is missing is marked where it would belong', () => {
  expect(mistakeIn(TEXT, '/limits/middle', 'is missing')).toMatchObject({ line: 3, column: 4 });
  expect(mistakeIn(TEXT, '/nothing', 'is missing')).toMatchObject({ line: 1, column: 1 });
});

test('only one object is one', () => {
  expect(objectIn('{"a": 1}').object).toEqual({ a: 1 });
  expect(objectIn('[1]').mistake?.message).toBe('Must be one JSON object.');
  expect(objectIn('{"a": }').mistake).toBeDefined();
  expect(placesIn('{"a": ').get('/a')).toBe(2);
});
