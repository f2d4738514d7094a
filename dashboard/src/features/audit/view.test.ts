import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ACTIONS, type AuditView, queryFrom } from './view';

const EMPTY: AuditView = { action: '', actor: '', target: '', text: '', time: '', from: '', to: '' };

test('an empty view asks for everything', () => {
  expect(Object.values(queryFrom(EMPTY)).every((value) => value === undefined)).toBe(true);
});

test('times are sent as they are, or from local time to UTC', () => {
  expect(queryFrom({ ...EMPTY, time: '-24h', from: 'ignored' })).toMatchObject({ from: '-24h', to: undefined });
  // Kathmandu is 5:45 ahead.
  expect(queryFrom({ ...EMPTY, time: 'span', from: '2026-03-01T12:00', to: 'nonsense' })).toMatchObject({
    from: '2026-03-01T06:15:00.000Z',
    to: undefined,
  });
});

test('every action that is suggested is one that the log has', () => {
  const page = readFileSync('../docs/reference/audit.md', 'utf8');
  const known = new Set([...page.matchAll(/`([a-z_]+\.[a-z_]+)`/g)].map(([, action]) => action!));
  const first = new Set([...known].map((action) => action.split('.')[0]!));
  expect(ACTIONS.filter((action) => !known.has(action) && !first.has(action))).toEqual([]);
});
