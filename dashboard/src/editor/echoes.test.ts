import { expect, test } from 'vitest';
import { Echoes } from './echoes';

test('what comes back late is no change', () => {
  const echoes = new Echoes();
  for (const text of ['a', 'ab', 'abc', 'abcd']) echoes.told(text);
  expect(echoes.isEcho('ab')).toBe(true);
  expect(echoes.isEcho('a')).toBe(false);
});

test('what was left out on the way is not waited for', () => {
  const echoes = new Echoes();
  for (const text of ['a', 'ab', 'abc']) echoes.told(text);
  expect(echoes.isEcho('abc')).toBe(true);
  expect(echoes.isEcho('ab')).toBe(false);
});

test('what was changed elsewhere is one, also back to an older text', () => {
  const echoes = new Echoes();
  echoes.told('a');
  expect(echoes.isEcho('other')).toBe(false);
  echoes.told('b');
  echoes.settle();
  expect(echoes.isEcho('b')).toBe(false);
});
