import { expect, test } from 'vitest';
import { branches, pathOf } from './tree';

const organization = (id: number, name: string, parent_id: number | null) => ({ id, name, parent_id, created_at: '' });
const ALL = [
  organization(5, 'Hall 2', 2),
  organization(1, 'Acme', null),
  organization(3, 'Plant South', 1),
  organization(2, 'Plant North', 1),
  organization(4, 'Hall 1', 2),
];

test('the tree stands from above, sisters by name', () => {
  expect(branches(ALL).map(({ organization: { name }, depth }) => `${'-'.repeat(depth)}${name}`)).toEqual([
    'Acme',
    '-Plant North',
    '--Hall 1',
    '--Hall 2',
    '-Plant South',
  ]);
});

test('what has lost its parent is still there', () => {
  expect(branches([organization(9, 'Orphan', 8)])).toHaveLength(1);
  expect(branches([])).toEqual([]);
});

test('a path names all above', () => {
  expect(pathOf(ALL, 4)).toBe('Acme / Plant North / Hall 1');
  expect(pathOf(ALL, 77)).toBe('77');
  expect(pathOf([organization(1, 'loop', 1)], 1)).toBe('loop');
});
