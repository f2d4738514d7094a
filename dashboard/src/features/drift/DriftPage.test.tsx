import { screen } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import { signIn } from '@/api/session';
import { json, platform, show } from '@/test/render';
import type { Drifting } from './api';
import { DriftPage } from './DriftPage';

const lamp: Drifting = {
  device_id: 7,
  device_name: 'lamp',
  device_type: 'light',
  version: 4,
  changed_at: '2026-03-01T12:00:00Z',
  drift: 'rejected',
  drift_since: '2026-03-01T12:01:00Z',
  drift_keys: [],
  problem: null,
  acknowledgement: { version: 4, outcome: 'rejected', message: 'too fast', at: '2026-03-01T12:01:00Z' },
  reported_at: null,
};
const answers = (...devices: Drifting[]) => ({
  'GET /api/v1/configurations/drift': () => json({ devices, count: devices.length, next_cursor: null }),
});
const pages = { '/drift': <DriftPage /> };

beforeEach(() => signIn('admin x'));

test('each device says what is wrong and leads to its configuration', async () => {
  platform(answers(lamp));
  show(pages, '/drift');
  const link = await screen.findByRole('link', { name: 'lamp' });
  expect(link.getAttribute('href')).toBe('/devices/7?tab=configuration');
  expect(screen.getByText('The device does not want version 4: too fast.')).toBeTruthy();
});

test('a fleet that has what it should is said to', async () => {
  platform(answers());
  show(pages, '/drift');
  expect(await screen.findByText('No device drifts')).toBeTruthy();
});
