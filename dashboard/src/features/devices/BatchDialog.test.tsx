import { fireEvent, screen } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import { signIn } from '@/api/session';
import { json, platform, show } from '@/test/render';
import { BatchDialog, objectFrom, withProgress, wordsOf } from './BatchDialog';

const counts = { waiting: 0, done: 2, unchanged: 1, failed: 0 };
const batch = { id: 4, operation: 'set_tags', status: 'done', devices: 3, counts };

beforeEach(() => signIn('admin x'));

test('a batch is looked at first, and then done', async () => {
  const asked = platform({
    'POST /api/v1/devices/batch': async (request) =>
      ((await request.json()) as { dry_run?: boolean }).dry_run
        ? json({
            dry_run: true,
            devices: 3,
            counts,
            outcomes: [{ device_id: 7, device_name: 'boiler-7', outcome: 'done', detail: '' }],
          })
        : json(batch, 202),
    'GET /api/v1/batches/4': () => json(batch),
  });
  show({ '/devices': <BatchDialog filter="device.type === 'pump'" onClose={() => undefined} /> }, '/devices');
  fireEvent.click(await screen.findByRole('button', { name: 'Look first' }));
  await screen.findByText(/3 devices: 2 would change/);
  screen.getByText(/boiler-7/);
  fireEvent.click(screen.getByRole('button', { name: 'Do it to 3' }));
  await screen.findByText('2 of 3 done, 1 were so already.');
  expect(asked.filter((request) => request.method === 'POST')).toHaveLength(2);
});

test('an event moves the batch that it is about, and none that has ended', () => {
  const running = { ...batch, status: 'running', counts: { ...counts, waiting: 3, done: 0 } } as never;
  const event = { type: 'batch', timestamp: 't', event: 'ended', batch_id: 4, status: 'done', counts } as never;
  expect(withProgress(running, event)).toMatchObject({ status: 'done', counts });
  expect(withProgress({ ...(running as object), id: 5 } as never, event)).toMatchObject({ status: 'running' });
  expect(withProgress(batch as never, { ...(event as object), status: 'running' } as never)).toBe(batch);
});

test('parameters are one JSON object, and progress is told in words', () => {
  expect(objectFrom('{"a": 1}')).toEqual({ a: 1 });
  expect(objectFrom('[1]')).toBeNull();
  expect(objectFrom('{')).toBeNull();
  expect(wordsOf({ waiting: 5, done: 1, unchanged: 0, failed: 2 }, 8)).toBe('1 of 8 done, 2 refused, 5 to go.');
});
