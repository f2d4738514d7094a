import { fireEvent, screen, waitFor } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import { signIn } from '@/api/session';
import { json, platform, show } from '@/test/render';
import { DevicesPage } from './DevicesPage';

const device = (id: number, rest = {}) => ({
  id,
  name: `boiler-${id}`,
  device_type: 'thermostat',
  status: 'active',
  description: null,
  location: 'Cellar',
  firmware_version: null,
  hardware_version: null,
  metadata: {},
  capabilities: [],
  created_at: '2026-01-01T00:00:00Z',
  is_online: true,
  last_seen: null,
  telemetry_count: 0,
  ...rest,
});
const fleet = (...devices: object[]) => ({
  devices,
  count: devices.length,
  total: devices.length,
  total_at_least: devices.length,
  next_cursor: null,
});
const pages = { '/devices': <DevicesPage /> };

beforeEach(() => signIn('admin x'));

test('the platform is asked to search, filter and sort; the page only shows', async () => {
  const asked = platform({ 'GET /api/v1/admin/devices': () => json(fleet(device(7))) });
  show(pages, '/devices?search=boil&status=active&sort=-created_at&page=2');
  await screen.findByText('boiler-7');
  const query = new URL(asked.find((request) => request.url.includes('/admin/devices?'))!.url).searchParams;
  expect(Object.fromEntries(query)).toEqual({
    search: 'boil',
    status: 'active',
    sort: '-created_at',
    limit: '50',
    offset: '50',
  });
});

test('more than are counted are told as more', async () => {
  platform({
    'GET /api/v1/admin/devices': () => json({ ...fleet(device(7)), total: null, total_at_least: 10_000 }),
  });
  show(pages, '/devices?search=boil');
  await screen.findByText('10,000+ found');
  screen.getByText('1–1 of 10,000+');
});

test('an empty fleet says how to begin', async () => {
  platform({ 'GET /api/v1/admin/devices': () => json(fleet()) });
  show(pages, '/devices');
  await screen.findByText('No device yet');
  screen.getByText('./iotflow simulate');
});

test('a refusal is shown with its hint', async () => {
  platform({
    'GET /api/v1/admin/devices': () =>
      json({ title: 'Forbidden', detail: 'Not yours.', hint: 'Ask an administrator.' }, 403),
  });
  show(pages, '/devices');
  await screen.findByText('Ask an administrator.');
});

test('a new device shows its key and lines that can be pasted', async () => {
  const key = 'k'.repeat(32);
  const asked = platform({
    'GET /api/v1/admin/devices': () => json(fleet()),
    'POST /api/v1/admin/devices': () => json({ message: 'Registered', device: { ...device(9), api_key: key } }, 201),
    'GET /api/v1/mqtt/status': () => json({ broker_info: { port: 1884 } }),
  });
  show(pages, '/devices?register');
  fireEvent.change(await screen.findByLabelText(/^Name/), { target: { value: ' boiler-9 ' } });
  fireEvent.change(screen.getByLabelText(/^Type/, { selector: 'input[required]' }), {
    target: { value: 'thermostat' },
  });
  fireEvent.click(screen.getByRole('button', { name: 'Register' }));
  await screen.findByText(key);
  await waitFor(() => screen.getByText(new RegExp(`mosquitto_pub .* -p 1884 -u 9 -P ${key}`)));
  const body = await asked.find((request) => request.method === 'POST')!.json();
  expect(body).toEqual({ name: 'boiler-9', device_type: 'thermostat' });
});
