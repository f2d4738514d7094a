import { expect, test } from 'vitest';
import { paramsFrom, queryFrom, sortedBy, viewFrom } from './fleetView';

test('a view survives the address bar, and the usual one leaves it empty', () => {
  const view = { search: 'boiler', type: 'thermostat', status: 'active', sort: '-created_at', page: 3 } as const;
  expect(viewFrom(paramsFrom(view))).toEqual(view);
  expect(paramsFrom(viewFrom(new URLSearchParams())).toString()).toBe('');
});

test('an address that was tampered with shows the usual', () => {
  for (const page of ['0', '-1', 'x', '1.5']) expect(viewFrom(new URLSearchParams({ page })).page).toBe(1);
  expect(viewFrom(new URLSearchParams('sort=password&status=gone'))).toMatchObject({ sort: 'name', status: '' });
});

test('pages become offsets, and empty filters are not sent', () => {
  expect(queryFrom(viewFrom(new URLSearchParams('page=3')))).toEqual({
    search: undefined,
    device_type: undefined,
    status: undefined,
    sort: 'name',
    limit: 50,
    offset: 100,
  });
});

test('a second click on a column turns its order round', () => {
  const view = viewFrom(new URLSearchParams());
  expect(sortedBy(view, 'created_at')).toBe('created_at');
  expect(sortedBy({ ...view, sort: 'created_at' }, 'created_at')).toBe('-created_at');
});
