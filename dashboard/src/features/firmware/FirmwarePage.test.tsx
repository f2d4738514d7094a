import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import { signIn } from '@/api/session';
import { json, ME, platform, show } from '@/test/render';
import { FirmwarePage } from './FirmwarePage';
import { fits, fromFileName, madeFor, runsImage, signer } from './image';
import { ImagePage } from './ImagePage';
import { image } from './testImages';
import { wrongWith } from './UploadDialog';

const KEY = {
  id: 8,
  organization_id: 1,
  name: 'release 2026',
  algorithm: 'ed25519',
  public_key: 'MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=',
  created_at: '2026-03-01T12:00:00Z',
} as const;
const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
const halfway = image({ id: 4, version: '1.5.0', state: 'uploading', uploaded: 1, size: 3, sha256: ABC });
const answers = {
  'GET /api/v1/firmware': () => json({ firmware: [image(), halfway], count: 2, next_cursor: null }),
  'GET /api/v1/firmware/keys': () => json({ keys: [KEY], count: 1, next_cursor: null }),
  'GET /api/v1/firmware/3': () => json(image()),
  'GET /api/v1/rollouts': () => json({ rollouts: [], count: 0, next_cursor: null }),
  'GET /api/v1/admin/devices': () =>
    json({ devices: [{ id: 7, name: 'boiler-7' }], count: 1, total: 1, next_cursor: null }),
};
const pages = { '/firmware': <FirmwarePage />, '/firmware/:firmware': <ImagePage /> };
const sent = (asked: Request[], method: string, path: string) =>
  asked.filter((request) => request.method === method && new URL(request.url).pathname === path);
const choose = (file: File) => {
  const field = document.querySelector('input[type="file"]')!;
  fireEvent.change(field, { target: { files: [file] } });
};

beforeEach(() => signIn('admin x'));

test('an image says what it is for, where it stands and who has signed it', async () => {
  platform(answers);
  show(pages, '/firmware');
  const link = await screen.findByRole('link', { name: 'greenhouse 1.4.0' });
  const row = within(link.closest('tr')!);
  row.getByText('for probe');
  row.getByText('ready');
  row.getByText('403 KiB');
  row.getByText(/^ba7816bf8f01/);
  await row.findByText('release 2026');
  screen.getByText('uploading, 33 %');
});

test('a file is hashed, announced, sent and made ready', async () => {
  const bytes: string[] = [];
  const asked = platform({
    ...answers,
    'POST /api/v1/firmware': () => json({ ...halfway, id: 5, uploaded: 0 }, 201),
    'GET /api/v1/firmware/5': () => json({ ...halfway, id: 5, uploaded: 0 }),
    'PUT /api/v1/firmware/5/content': async (request) => {
      bytes.push(`${request.headers.get('Content-Range')} ${await request.text()}`);
      return json({ id: 5, uploaded: 3, size: 3 });
    },
    'POST /api/v1/firmware/5/finish': () => json(image({ id: 5 })),
  });
  show(pages, '/firmware');
  fireEvent.click(await screen.findByRole('button', { name: 'Upload an image' }));
  choose(new File(['abc'], 'greenhouse-1.6.0.bin'));
  await screen.findByText(`SHA-256 ${ABC}`);
  expect(screen.getByLabelText<HTMLInputElement>('Version').value).toBe('1.6.0');
  fireEvent.change(screen.getByLabelText('SHA-256 that it should have'), { target: { value: 'ab' } });
  screen.getByText('The SHA-256 of this file is not the one that it should have.');
  fireEvent.change(screen.getByLabelText('SHA-256 that it should have'), { target: { value: ABC.toUpperCase() } });
  fireEvent.click(screen.getByRole('button', { name: 'Upload' }));
  await waitFor(() => expect(sent(asked, 'POST', '/api/v1/firmware/5/finish')).toHaveLength(1));
  expect(bytes).toEqual(['bytes 0-2/3 abc']);
  expect(await sent(asked, 'POST', '/api/v1/firmware')[0]!.json()).toMatchObject({
    name: 'greenhouse',
    version: '1.6.0',
    size: 3,
    sha256: ABC,
  });
});

test('an upload goes on with the same file only, from where it stands', async () => {
  const bytes: string[] = [];
  platform({
    ...answers,
    'GET /api/v1/firmware/4': () => json(halfway),
    'PUT /api/v1/firmware/4/content': async (request) => {
      bytes.push(`${request.headers.get('Content-Range')} ${await request.text()}`);
      return json({ id: 4, uploaded: 3, size: 3 });
    },
    'POST /api/v1/firmware/4/finish': () => json({ ...halfway, state: 'ready' }),
  });
  show(pages, '/firmware');
  fireEvent.click(await screen.findByRole('button', { name: 'Manage greenhouse 1.5.0' }));
  fireEvent.click(await screen.findByRole('menuitem', { name: 'Go on with the upload' }));
  choose(new File(['xyz'], 'other.bin'));
  await screen.findByText(/its SHA-256 is not the one that was announced/);
  choose(new File(['abc'], 'greenhouse-1.5.0.bin'));
  await screen.findByText(`SHA-256 ${ABC}`);
  fireEvent.click(screen.getByRole('button', { name: 'Go on' }));
  await expect.poll(() => bytes).toEqual(['bytes 1-2/3 bc']);
});

test('keys are registered and removed by who may', async () => {
  const asked = platform({ ...answers, 'POST /api/v1/firmware/keys': () => json(KEY, 201) });
  show(pages, '/firmware?tab=keys');
  await screen.findByText('release 2026');
  fireEvent.click(screen.getByRole('button', { name: 'Register a key' }));
  fireEvent.change(screen.getByLabelText('Name'), { target: { value: 'next' } });
  fireEvent.change(screen.getByLabelText('Public key'), { target: { value: KEY.public_key } });
  fireEvent.click(screen.getByRole('button', { name: 'Register' }));
  await waitFor(() => expect(sent(asked, 'POST', '/api/v1/firmware/keys')).toHaveLength(1));
});

test('who may only read is offered nothing else', async () => {
  platform({ ...answers, 'GET /api/v1/auth/me': () => json({ ...ME, permissions: ['firmware:read'] }) });
  show(pages, '/firmware');
  await screen.findByRole('link', { name: 'greenhouse 1.4.0' });
  expect(screen.queryByRole('button')).toBeNull();
});

test('the page of an image shows its notes and who runs it', async () => {
  platform(answers);
  show(pages, '/firmware/3');
  await screen.findByText('Reads the soil sensor twice.');
  await screen.findByText('1 device says that it runs 1.4.0.');
  expect(screen.getByRole('link', { name: 'boiler-7' }).getAttribute('href')).toBe('/devices/7?tab=firmware');
  expect(screen.getByRole('link', { name: 'Roll out' }).getAttribute('href')).toBe('/rollouts/new?firmware=3');
});

test('what an image is, in words', () => {
  expect(madeFor(image({ device_types: [], hardware_versions: ['revB'] }))).toBe('all types; hardware revB');
  expect(signer(image({ key_id: null }), [KEY])).toBe('a key that was removed');
  expect(signer(image({ signature: null, key_id: null }), [KEY])).toBe('not signed');
  expect(runsImage(image())).toBe('device.firmware_version === "1.4.0" && (device.type === "probe")');
  expect(fromFileName('green-house_v1.4.0-rc1.bin')).toEqual({ name: 'green-house', version: '1.4.0-rc1' });
  expect(fromFileName('image.bin')).toEqual({ name: 'image', version: '' });
});

test('an image fits devices that it is made for and that do not run it', () => {
  const device = { device_type: 'probe', firmware_version: '1.3.9', hardware_version: 'revB' };
  expect(fits(image(), device)).toBe(true);
  expect(fits(image({ state: 'withdrawn' }), device)).toBe(false);
  expect(fits(image(), { ...device, firmware_version: '1.4.0' })).toBe(false);
  expect(fits(image({ hardware_versions: ['revC'] }), device)).toBe(false);
});

test('a file that cannot be the image is refused before it is sent', () => {
  expect(wrongWith({ size: 0 }, null, undefined, '')).toBe('The file is empty.');
  expect(wrongWith({ size: 2 ** 30 + 1 }, null, undefined, '')).toContain('at most 1 GiB');
  expect(wrongWith({ size: 4 }, null, halfway, '')).toContain('this one has 4 bytes, the image 3');
  expect(wrongWith({ size: 3 }, ABC, halfway, '')).toBeNull();
});
