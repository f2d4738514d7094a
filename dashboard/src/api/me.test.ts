import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PERMISSIONS } from './me';

test('every permission that is asked for by name is one of the platform', () => {
  const document = readFileSync('../server/src/main/resources/openapi.yaml', 'utf8');
  const known = new Set([...document.matchAll(/x-permission: (\S+)/g)].map(([, word]) => word));
  expect(PERMISSIONS.filter((permission) => !known.has(permission))).toEqual([]);
});
