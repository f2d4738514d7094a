import { fireEvent, screen, waitFor } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import { signIn } from '@/api/session';
import type { Device } from '@/features/devices/api';
import { json, platform, show } from '@/test/render';
import { DeviceFirmware } from './DeviceFirmware';
import { image, update } from './testImages';

const device = {
  id: 7,
  name: 'boiler-7',
  device_type: 'probe',
  status: 'active',
  firmware_version: '1.3.9',
  hardware_version: 'revB',
} as Device;
const pages = { '/': <DeviceFirmware device={device} /> };
const updates = (...its: ReturnType<typeof update>[]) => ({
  'GET /api/v1/devices/7/updates': () =>
    json({ device_id: 7, firmware_version: '1.3.9', updates: its, count: its.length }),
  'GET /api/v1/firmware': () =>
    json({ firmware: [image(), image({ id: 4, version: '1.3.9' })], count: 2, next_cursor: null }),
});

beforeEach(() => signIn('admin x'));

test('an open update shows how far it is, and may be called back', async () => {
  const asked = platform({
    ...updates(
      update(),
      update({ id: 9, status: 'failed', ended_at: '2026-02-01T12:00:00Z', detail: 'no room', steps: [] }),
    ),
    'DELETE /api/v1/devices/7/updates': () => json(update({ status: 'cancelled' })),
  });
  show(pages, '/');
  await screen.findByText('40 %');
  screen.getByText('from mirror 2');
  screen.getByText('no room');
  expect(screen.queryByRole('button', { name: 'Offer an image' })).toBeNull();
  fireEvent.click(screen.getByRole('button', { name: 'Call it back' }));
  fireEvent.click(screen.getByRole('button', { name: 'Call back' }));
  await waitFor(() => expect(asked.some(({ method }) => method === 'DELETE')).toBe(true));
});

test('what installs already cannot be called back', async () => {
  platform(updates(update({ status: 'installing' })));
  show(pages, '/');
  await screen.findAllByText('installing');
  expect(screen.queryByRole('button')).toBeNull();
});

test('an image that fits is offered', async () => {
  const asked = platform({ ...updates(), 'POST /api/v1/devices/7/updates': () => json(update(), 201) });
  show(pages, '/');
  fireEvent.click(await screen.findByRole('button', { name: 'Offer an image' }));
  const field = await screen.findByRole('combobox', { name: 'Image' });
  await waitFor(() => expect(field).toHaveProperty('disabled', false));
  fireEvent.click(field);
  expect(screen.getAllByRole('option').map((option) => option.textContent)).toEqual(['greenhouse 1.4.0']);
  fireEvent.click(screen.getByRole('option', { name: 'greenhouse 1.4.0' }));
  fireEvent.click(screen.getByRole('button', { name: 'Offer' }));
  await waitFor(() => expect(asked.some(({ method }) => method === 'POST')).toBe(true));
  expect(await asked.find(({ method }) => method === 'POST')!.json()).toMatchObject({ firmware_id: 3 });
});
