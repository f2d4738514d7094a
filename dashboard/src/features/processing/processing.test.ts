import { expect, test } from 'vitest';
import { payloadOf, stepsWords } from './steps';

test('a message is JSON, bytes or a text, as it looks', () => {
  expect(payloadOf('{"t": 3}')).toEqual({ messages: [{ t: 3 }] });
  expect(payloadOf('[{"t": 3}, {"t": 4}]')).toEqual({ messages: [{ t: 3 }, { t: 4 }] });
  expect(payloadOf('fe0c 41 0c1e')).toEqual({ payload_hex: 'fe0c410c1e' });
  expect(payloadOf('0812')).toEqual({ payload_hex: '0812' });
  expect(payloadOf('T=21.5;H=40')).toEqual({ payload: 'T=21.5;H=40' });
});

test('steps are said in words', () => {
  expect(stepsWords([{ type: 'calibrate', metric: 't' }, { type: 'decode' }])).toBe('calibrate t, decode');
  expect(stepsWords(Array.from({ length: 6 }, () => ({ type: 'drop' })))).toBe('drop, drop, drop, drop and 2 more');
});
