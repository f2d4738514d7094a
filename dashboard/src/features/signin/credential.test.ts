import { expect, test } from 'vitest';
import { authorizationFrom } from './credential';

test.each([
  ['s3cret', 'admin s3cret'],
  ['  s3cret\n', 'admin s3cret'],
  ['admin s3cret', 'admin s3cret'],
  ['Authorization: admin s3cret', 'admin s3cret'],
  ['bearer a.b.c', 'Bearer a.b.c'],
  ['', null],
  ['   ', null],
  ['two words', null],
])('%j means %j', (typed, expected) => expect(authorizationFrom(typed)).toBe(expected));
