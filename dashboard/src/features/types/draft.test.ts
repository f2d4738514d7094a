import { expect, test } from 'vitest';
import type { DeviceType } from './api';
import { configurationOf, draftOf, FRESH, FRESH_METRIC, wishOf } from './draft';

const KEPT: DeviceType = {
  id: 4,
  organization_id: 1,
  inherited: false,
  version: 2,
  name: 'probe',
  description: '',
  icon: '',
  capabilities: ['heat'],
  metrics: [{ name: 't', type: 'number', unit: 'K', min: 0, suspect_max: 90, description: 'air', sensitive: false }],
  default_configuration: { interval_s: 60 },
  decoder: { expression: '({t: bytes[0]})', keep_raw: false },
  faults: 0,
  last_fault: null,
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-01T00:00:00Z',
};

test('what was read and not touched is sent back as it was', () => {
  const { name, description, icon, capabilities, metrics, default_configuration, decoder } = KEPT;
  expect(wishOf(draftOf(KEPT), KEPT)).toEqual({
    name,
    description,
    icon,
    capabilities,
    metrics,
    default_configuration,
    decoder,
  });
});

test('what is empty is not said', () => {
  const wish = wishOf(
    { ...FRESH, name: ' lamp ', metrics: [{ ...FRESH_METRIC, name: 'on', type: 'boolean', min: 3 }] },
    undefined,
  );
  expect(wish).toEqual({
    name: 'lamp',
    description: '',
    icon: '',
    capabilities: [],
    metrics: [{ name: 'on', type: 'boolean', sensitive: false }],
    default_configuration: {},
  });
  expect(wishOf(FRESH, undefined).metrics).toEqual([]);
});

test('a configuration is an object, or why it is none', () => {
  expect(configurationOf('{"a": 1}')).toEqual({ a: 1 });
  expect(configurationOf('')).toEqual({});
  expect(configurationOf('[1]')).toBe('must be a JSON object');
  expect(typeof configurationOf('{')).toBe('string');
});
