import { beforeEach, expect, test, vi } from 'vitest';
import { type FeedEvent, joined, LiveFeed, type Listener, type Socket } from './feed';

/** One end of a socket; the test is the other. */
class Wire implements Socket {
  onopen: Socket['onopen'] = null;
  onmessage: Socket['onmessage'] = null;
  onclose: Socket['onclose'] = null;
  sent: unknown[] = [];
  closed = false;

  send(text: string) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.closed = true;
  }

  says(message: unknown) {
    this.onmessage?.({ data: typeof message === 'string' ? message : JSON.stringify(message) });
  }

  breaks(code = 1006) {
    this.onclose?.({ code, reason: '' });
  }
}

let wires: Wire[];
let refused: string[];
let feed: LiveFeed;
const wire = () => wires[wires.length - 1]!;
const telemetry = (device_id: number) => ({
  type: 'telemetry',
  device_id,
  device_name: 'd',
  timestamp: 't',
  n: device_id,
});

function heard() {
  const events: FeedEvent[] = [];
  const listener = { event: (event: FeedEvent) => events.push(event), lagged: vi.fn(), resumed: vi.fn() };
  return { events, listener: listener as Listener & typeof listener };
}

beforeEach(() => {
  vi.useFakeTimers();
  wires = [];
  refused = [];
  feed = new LiveFeed({
    connect: () => {
      wires.push(new Wire());
      return wire();
    },
    authorization: async () => 'admin secret',
    refused: (reason) => refused.push(reason),
    random: () => 1,
  });
});

test('opens on the first wish, sends the credential first and the wish next', async () => {
  expect(feed.status()).toBe('idle');
  feed.listen({ types: ['telemetry'], devices: [7] }, heard().listener);
  await vi.advanceTimersByTimeAsync(50);
  expect(feed.status()).toBe('connecting');
  wire().onopen?.();
  expect(wire().sent).toEqual([
    { authorization: 'admin secret' },
    { subscribe: { types: ['telemetry'], devices: [7] } },
  ]);
});

test('gives each listener only what it asked for, and lets none harm another', async () => {
  const seven = heard();
  const all = heard();
  vi.spyOn(console, 'error').mockImplementation(() => {});
  feed.listen(
    { types: ['telemetry'] },
    {
      event: () => {
        throw new Error('mine');
      },
    },
  );
  feed.listen({ types: ['telemetry'], devices: [7] }, seven.listener);
  feed.listen({ types: ['telemetry', 'device'] }, all.listener);
  await vi.advanceTimersByTimeAsync(50);
  wire().onopen?.();
  wire().says(telemetry(7));
  wire().says(telemetry(8));
  wire().says('not json');
  wire().says({ type: 'alert', device_id: 7 });
  wire().says({ type: 'lagged', dropped: 12 });
  expect(seven.events.map((event) => event.n)).toEqual([7]);
  expect(all.events.map((event) => event.n)).toEqual([7, 8]);
  expect(seven.listener.lagged).toHaveBeenCalledWith(12);
});

test('what is about no device goes to those who asked for all of them', async () => {
  const one = heard();
  const all = heard();
  feed.listen({ types: ['rollout'], devices: [7] }, one.listener);
  feed.listen({ types: ['rollout'] }, all.listener);
  await vi.advanceTimersByTimeAsync(50);
  wire().onopen?.();
  wire().says({ type: 'rollout', event: 'state', rollout_id: 5, status: 'running', timestamp: 't' });
  wire().says({ type: 'rollout', event: 'update', rollout_id: 5, device_id: 7, device_name: 'd', timestamp: 't' });
  expect(one.events.map((event) => event.device_id)).toEqual([7]);
  expect(all.events.map((event) => event.device_id)).toEqual([undefined, 7]);
});

test('comes back with longer and longer waits, and says so to its listeners', async () => {
  const one = heard();
  feed.listen({ types: ['device'] }, one.listener);
  await vi.advanceTimersByTimeAsync(50);
  wire().onopen?.();
  for (const wait of [500, 1000, 2000]) {
    const before = wires.length;
    wire().breaks();
    expect(feed.status()).toBe('waiting');
    await vi.advanceTimersByTimeAsync(wait - 1);
    expect(wires).toHaveLength(before);
    await vi.advanceTimersByTimeAsync(1);
    expect(wires).toHaveLength(before + 1);
  }
  expect(one.listener.resumed).not.toHaveBeenCalled();
  wire().onopen?.();
  expect(one.listener.resumed).toHaveBeenCalledOnce();
  expect(wire().sent).toEqual([{ authorization: 'admin secret' }, { subscribe: { types: ['device'] } }]);
});

test('never waits longer than half a minute, and not at all when told that the network is back', async () => {
  feed.listen({ types: ['device'] }, heard().listener);
  await vi.advanceTimersByTimeAsync(50);
  for (let failures = 0; failures < 12; failures++) {
    wire().breaks();
    await vi.advanceTimersByTimeAsync(30_000);
  }
  expect(wires).toHaveLength(13);
  wire().breaks();
  feed.retryNow();
  await vi.advanceTimersByTimeAsync(0);
  expect(wires).toHaveLength(14);
});

test('a refused credential ends the feed and is told once', async () => {
  feed.listen({ types: ['device'] }, heard().listener);
  await vi.advanceTimersByTimeAsync(50);
  wire().onopen?.();
  wire().breaks(1008);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(refused).toHaveLength(1);
  expect(wires).toHaveLength(1);
});

test('changes of page are one message, and nobody listening closes the socket', async () => {
  const stopFirst = feed.listen({ types: ['device'] }, heard().listener);
  await vi.advanceTimersByTimeAsync(50);
  wire().onopen?.();
  stopFirst();
  const stopSecond = feed.listen({ types: ['telemetry'], devices: [1] }, heard().listener);
  await vi.advanceTimersByTimeAsync(50);
  expect(wires).toHaveLength(1);
  expect(wire().sent).toHaveLength(3);
  expect(wire().sent[2]).toEqual({ subscribe: { types: ['telemetry'], devices: [1] } });
  stopSecond();
  await vi.advanceTimersByTimeAsync(50);
  expect(wire().closed).toBe(true);
  expect(feed.status()).toBe('idle');
});

test('wishes join without repeating, and one for all devices does not make the others one', () => {
  expect(
    joined([
      { types: ['telemetry'], devices: [2, 1] },
      { types: ['device', 'telemetry'], devices: [2] },
    ]),
  ).toEqual([{ types: ['device', 'telemetry'], devices: [1, 2] }]);
  expect(joined([{ types: ['telemetry', 'alert'], devices: [1] }, { types: ['alert'] }])).toEqual([
    { types: ['alert'] },
    { types: ['telemetry'], devices: [1] },
  ]);
  expect(joined([{ types: ['alert'], devices: [1] }, { types: ['alert'] }])).toEqual([{ types: ['alert'] }]);
});

test('a feed that is given up while its credential is fetched never connects', async () => {
  let give!: (authorization: string) => void;
  const slow = new LiveFeed({
    connect: () => {
      wires.push(new Wire());
      return wire();
    },
    authorization: () => new Promise((resolve) => (give = resolve)),
    refused: () => {},
  });
  const stop = slow.listen({ types: ['device'] }, heard().listener);
  await vi.advanceTimersByTimeAsync(50);
  expect(slow.status()).toBe('connecting');
  stop();
  await vi.advanceTimersByTimeAsync(50);
  give('admin secret');
  await vi.advanceTimersByTimeAsync(50);
  expect(slow.status()).toBe('idle');
  expect(wires).toHaveLength(0);
});

test('a credential that cannot be renewed now is asked for again later', async () => {
  let times = 0;
  const patient = new LiveFeed({
    connect: () => {
      wires.push(new Wire());
      return wire();
    },
    authorization: async () => {
      if (times++ === 0) throw new TypeError('Failed to fetch');
      return 'Bearer new';
    },
    refused: () => {},
    random: () => 1,
  });
  patient.listen({ types: ['device'] }, heard().listener);
  await vi.advanceTimersByTimeAsync(50);
  expect(patient.status()).toBe('waiting');
  await vi.advanceTimersByTimeAsync(500);
  wire().onopen?.();
  expect(wire().sent[0]).toEqual({ authorization: 'Bearer new' });
});

test('a renewed token is told on the open socket, once', async () => {
  feed.listen({ types: ['device'] }, heard().listener);
  feed.authorizeAgain('Bearer too early');
  await vi.advanceTimersByTimeAsync(50);
  wire().onopen?.();
  feed.authorizeAgain('admin secret');
  feed.authorizeAgain('Bearer new');
  feed.authorizeAgain('Bearer new');
  expect(wire().sent.slice(2)).toEqual([{ authorization: 'Bearer new' }]);
  expect(wires).toHaveLength(1);
});
