import { expect, test } from 'vitest';
import { commandFrom } from './command';

test.each([
  ['restart', '', { type: 'restart' }],
  [' calibrate ', '{"offset": 0.5}', { type: 'calibrate', offset: 0.5 }],
  ['', '', null],
  ['restart', '[1]', null],
  ['restart', '{', null],
  ['restart', 'null', null],
])('%j with %j is %j', (type, parameters, expected) => expect(commandFrom(type, parameters)).toEqual(expected));
