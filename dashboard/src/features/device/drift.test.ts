import { expect, test } from 'vitest';
import { driftWords, originsOf, originWords } from './drift';

const told = { version: 4, drift_keys: [], problem: null, acknowledgement: null };

test('whether the device has what it should', () => {
  expect(driftWords({ ...told, drift: 'in_sync' })).toBe('The device has confirmed version 4.');
  expect(driftWords({ ...told, version: 0, drift: 'in_sync' })).toBe('Nothing was ever set.');
  expect(driftWords({ ...told, drift: 'differs', drift_keys: ['/a', '/b/c'] })).toContain('in /a, /b/c.');
  const acknowledgement = { version: 4, outcome: 'rejected', message: 'too fast', at: '2026-03-01T12:00:00Z' } as const;
  expect(driftWords({ ...told, drift: 'rejected', acknowledgement })).toBe(
    'The device does not want version 4: too fast.',
  );
  expect(driftWords({ ...told, drift: 'invalid', problem: 'configuration/a is wrong' })).toContain(
    'configuration/a is wrong',
  );
});

test('where a key is from', () => {
  const level = (target: string) => ({ target, organization_id: 1, version: 1 });
  const levels = [level('type:lamp'), level('group:4'), level('device:7')];
  const sources = {
    '/net/ssid': level('device:7'),
    '/net/dhcp': level('type:lamp'),
    '/network': level('group:4'),
    '/a~1b': level('group:4'),
  };
  expect(originsOf('net', { sources, levels })).toEqual(['type:lamp', 'device:7']);
  expect(originsOf('a/b', { sources, levels })).toEqual(['group:4']);
  expect(originsOf('none', { sources, levels })).toEqual([]);
  expect(['device:7', 'type:lamp'].map(originWords)).toEqual(['this device', 'type lamp']);
});
