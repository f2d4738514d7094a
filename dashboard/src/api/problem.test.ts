import { expect, test } from 'vitest';
import { asProblem, Problem, problemFrom } from './problem';

test('a problem keeps the words of the platform', () => {
  const problem = problemFrom(422, {
    title: 'Not accepted',
    detail: 'name: must not be empty',
    hint: 'Correct the fields listed in errors[].',
    code: 'invalid',
    errors: [{ field: 'name', detail: 'must not be empty' }],
  });
  expect(problem).toMatchObject({ status: 422, code: 'invalid', title: 'Not accepted' });
  expect(problem.hint).toBe('Correct the fields listed in errors[].');
  expect(problem.errors).toEqual([{ field: 'name', detail: 'must not be empty' }]);
});

test('the older error and message members serve as title and detail', () => {
  expect(problemFrom(409, { error: 'Name already taken', message: 'boiler exists' })).toMatchObject({
    title: 'Name already taken',
    detail: 'boiler exists',
  });
});

test.each([[null], ['<html>'], [[]], [{}], [{ title: 3 }]])(
  'an answer of another kind (%j) is still a sentence',
  (body) => {
    expect(problemFrom(502, body).title).toBe('The platform answered 502');
  },
);

test('no answer at all says that the platform cannot be reached', () => {
  expect(asProblem(new TypeError('Failed to fetch')).title).toBe('The platform cannot be reached');
  const known = new Problem({ status: 404, title: 'Not found' });
  expect(asProblem(known)).toBe(known);
});
