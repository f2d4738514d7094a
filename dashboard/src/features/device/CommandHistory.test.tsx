import { fireEvent, screen } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import { signIn } from '@/api/session';
import { json, platform, show } from '@/test/render';
import { CommandHistory, proofOf } from './CommandHistory';

const command = (rest = {}) => ({
  id: '6f1c2c1e-3c39-4a49-8d53-0d5a3c8b7a11',
  device_id: 7,
  device_name: 'boiler-7',
  organization_id: 1,
  type: 'restart',
  parameters: { delay: 5 },
  status: 'sent',
  author: 'user 3 (anna)',
  priority: 0,
  job_id: null,
  attempts: 1,
  created_at: '2026-01-01T00:00:00Z',
  not_before: '2026-01-01T00:00:00Z',
  expires_at: '2026-01-08T00:00:00Z',
  updated_at: '2026-01-01T00:00:00Z',
  reason: null,
  result: null,
  ...rest,
});

beforeEach(() => signIn('admin x'));

test('a command shows its steps with their proofs when it is opened', async () => {
  platform({
    'GET /api/v1/devices/7/commands': () => json({ commands: [command()], count: 1, next_cursor: null }),
    'GET /api/v1/commands/6f1c2c1e-3c39-4a49-8d53-0d5a3c8b7a11': () =>
      json({
        ...command(),
        delivery: {},
        idempotency_key: null,
        steps: [
          { at: '2026-01-01T00:00:00Z', state: 'queued', proof: { by: 'user 3 (anna)' } },
          { at: '2026-01-01T00:00:01Z', state: 'sent', proof: { by: 'mqtt' } },
        ],
      }),
  });
  show({ '/devices/7': <CommandHistory device={7} /> }, '/devices/7');
  const line = await screen.findByText('restart');
  const details = line.closest('details')!;
  details.open = true;
  fireEvent(details, new Event('toggle'));
  await screen.findByText(/to its MQTT connection/);
  expect(screen.getByText(/"delay": 5/)).toBeTruthy();
});

test('a proof is told in words', () => {
  expect(proofOf({ by: 'puback', client_id: 'c', packet_id: 4 })).toBe('acknowledged by the client c, packet 4');
  expect(proofOf({ reason: 'no result came' })).toBe('no result came');
  expect(proofOf({})).toBe('');
});
