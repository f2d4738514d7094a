import { expect, test } from 'vitest';
import { actionWords, actorWords, changes } from './words';

test('who did it', () => {
  expect(actorWords({ type: 'user', id: '7', name: 'ann' })).toBe('ann');
  expect(actorWords({ type: 'device', id: '7', name: '' })).toBe('7');
  expect(actorWords({ type: 'platform', id: 'platform', name: '' })).toBe('the platform');
  expect(actorWords({ type: 'anybody', id: '', name: 'anybody' })).toBe('somebody unknown');
  expect(actionWords('user.sign_in_failed')).toBe('User sign in failed');
});

test('what was changed, from both sides', () => {
  expect(changes({ before: { a: 1, b: 'x' }, after: { b: 'y', c: { d: null } } })).toEqual([
    { field: 'a', before: '1', after: null },
    { field: 'b', before: 'x', after: 'y' },
    { field: 'c', before: null, after: '{"d":null}' },
  ]);
  expect(changes({})).toEqual([]);
});
