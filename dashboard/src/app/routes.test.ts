import { matchRoutes } from 'react-router';
import { expect, test } from 'vitest';
import { ACCOUNT_KEYS, SECTIONS } from './pages';
import { ROUTES } from './routes';

const pages = SECTIONS.flatMap((section) => section.pages);
/** The pattern of the page at an address; `*` where there is none. */
const patternAt = (address: string) => matchRoutes(ROUTES, address)?.at(-1)?.route.path;

test('every way of the navigation leads to a page', () => {
  expect(pages.filter(({ to }) => patternAt(to) === '*').map(({ to }) => to)).toEqual([]);
});

test('no two pages have the same keys', () => {
  const all = [ACCOUNT_KEYS, ...pages.map(({ keys }) => keys)];
  expect(new Set(all).size).toBe(all.length);
});

test('what is new is no number of what is kept', () => {
  for (const place of ['rules', 'processing-rules', 'geofences', 'rollouts']) {
    expect(patternAt(`/${place}/new`)).toBe(`${place}/new`);
    expect(patternAt(`/${place}/7`)).toMatch(`${place}/:`);
  }
  expect(patternAt('/rules/templates')).toBe('rules/templates');
});
