/**
 * The client of the platform's live feed (`/ws`): one socket for the whole page, however many parts of it listen.
 *
 * It promises: the socket is open only while somebody listens; it comes back by itself, waiting longer after each
 * failure; after every opening the credential and the joined wishes of all listeners are sent again; a listener gets
 * only events that it asked for; a listener that throws harms no other. Events missed while the socket was away are
 * not repeated: listeners hear `resumed` and read again what they show.
 */
export type EventType = 'telemetry' | 'alert' | 'device' | 'command' | 'rollout' | 'batch';

export interface FeedEvent {
  readonly type: EventType;
  /** Not there for what concerns no single device, such as a batch. */
  readonly device_id?: number;
  readonly device_name?: string;
  readonly timestamp: string;
  readonly [field: string]: unknown;
}

export interface Wish {
  readonly types: readonly EventType[];
  /** Ids of devices; left out, it means all that the user may see. */
  readonly devices?: readonly number[];
}

export interface Listener {
  event(event: FeedEvent): void;
  /** So many events were left out because this reader was too slow. */
  lagged?(dropped: number): void;
  /** The feed is back after an interruption: read again what is shown. */
  resumed?(): void;
}

export type FeedStatus = 'idle' | 'connecting' | 'open' | 'waiting';

/** The part of a WebSocket that is used, so that a test can stand in for the network. */
export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((message: { data: unknown }) => void) | null;
  onclose: ((close: { code: number; reason: string }) => void) | null;
  send(text: string): void;
  close(): void;
}

export interface FeedOptions {
  readonly connect: () => Socket;
  /** Asked before each opening, because a token may have been renewed meanwhile; null when nobody is signed in. */
  readonly authorization: () => Promise<string | null>;
  /** Called when the platform refuses the credential; the feed does not try again. */
  readonly refused: (reason: string) => void;
  /** Between 0 and 1; spreads the return of many clients after a restart. */
  readonly random?: () => number;
}

/** First and longest wait before another attempt, in milliseconds. */
const FIRST_WAIT = 500;
const LONGEST_WAIT = 30_000;
/** Listeners change in bursts when a page is left for another; the wishes are sent once they have settled. */
const SETTLE = 30;
const POLICY_VIOLATION = 1008;
const UNAUTHORIZED = 4401;

export class LiveFeed {
  private readonly options: FeedOptions;
  private readonly listeners = new Map<Listener, Wish>();
  private readonly watchers = new Set<() => void>();
  private socket: Socket | null = null;
  private state: FeedStatus = 'idle';
  private attempts = 0;
  private wasOpen = false;
  private closed = false;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private settle: ReturnType<typeof setTimeout> | undefined;
  private sentWish = '';
  private authorized = '';
  /** Counts openings, so that one that was given up does not go on. */
  private opening = 0;

  constructor(options: FeedOptions) {
    this.options = options;
  }

  readonly status = (): FeedStatus => this.state;

  readonly watchStatus = (watcher: () => void) => {
    this.watchers.add(watcher);
    return () => {
      this.watchers.delete(watcher);
    };
  };

  /** Listens until the answer is called. */
  listen(wish: Wish, listener: Listener): () => void {
    this.listeners.set(listener, wish);
    this.settleSoon();
    return () => {
      this.listeners.delete(listener);
      this.settleSoon();
    };
  }

  /** Keeps the socket open past the end of the token that it was opened with. */
  authorizeAgain(authorization: string) {
    if (this.state !== 'open' || authorization === this.authorized) return;
    this.authorized = authorization;
    this.socket?.send(JSON.stringify({ authorization }));
  }

  /** Tries at once instead of waiting, for instance when the machine is back on the network. */
  retryNow() {
    if (this.state !== 'waiting') return;
    clearTimeout(this.retry);
    this.open();
  }

  /** Closes for good. */
  close() {
    this.closed = true;
    clearTimeout(this.retry);
    clearTimeout(this.settle);
    this.listeners.clear();
    this.drop();
  }

  private settleSoon() {
    clearTimeout(this.settle);
    if (!this.closed) this.settle = setTimeout(() => this.settled(), SETTLE);
  }

  private settled() {
    if (this.listeners.size === 0) {
      clearTimeout(this.retry);
      this.drop();
    } else if (this.state === 'idle') {
      this.open();
    } else if (this.state === 'open') {
      this.sendWish();
    }
  }

  private drop() {
    this.opening++;
    const socket = this.socket;
    this.socket = null;
    this.wasOpen = false;
    this.attempts = 0;
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
    this.become('idle');
  }

  private open() {
    this.become('connecting');
    const opening = ++this.opening;
    this.options.authorization().then(
      (authorization) => {
        if (opening === this.opening && authorization !== null) this.connect(authorization);
      },
      () => {
        if (opening === this.opening) this.lost({ code: 0, reason: '' });
      },
    );
  }

  private connect(authorization: string) {
    const socket = this.options.connect();
    this.socket = socket;
    socket.onopen = () => {
      socket.send(JSON.stringify({ authorization }));
      this.authorized = authorization;
      this.sentWish = '';
      this.become('open');
      this.sendWish();
      if (this.wasOpen) this.each((listener) => listener.resumed?.());
      this.wasOpen = true;
    };
    socket.onmessage = (message) => this.received(message.data);
    socket.onclose = (close) => this.lost(close);
  }

  private lost(close: { code: number; reason: string }) {
    this.socket = null;
    if (close.code === POLICY_VIOLATION || close.code === UNAUTHORIZED) {
      this.become('idle');
      this.closed = true;
      this.options.refused(close.reason);
      return;
    }
    const random = this.options.random ?? Math.random;
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.attempts) * (0.5 + random() / 2);
    this.attempts++;
    this.become('waiting');
    this.retry = setTimeout(() => this.open(), wait);
  }

  private sendWish() {
    const wishes = joined([...this.listeners.values()]);
    const wish = JSON.stringify({ subscribe: wishes.length === 1 ? wishes[0] : wishes });
    if (wish === this.sentWish) return;
    this.sentWish = wish;
    this.socket?.send(wish);
  }

  private received(data: unknown) {
    const message = parsed(data);
    if (message === null) return;
    this.attempts = 0;
    if (message.type === 'lagged') {
      const dropped = Number(message.dropped) || 0;
      this.each((listener) => listener.lagged?.(dropped));
    } else if (typeof message.type === 'string') {
      const event = message as unknown as FeedEvent;
      this.each((listener, wish) => {
        if (wants(wish, event)) listener.event(event);
      });
    }
  }

  private each(tell: (listener: Listener, wish: Wish) => void) {
    for (const [listener, wish] of [...this.listeners]) {
      try {
        tell(listener, wish);
      } catch (failure) {
        console.error('A listener of the live feed failed.', failure);
      }
    }
  }

  private become(next: FeedStatus) {
    if (next === this.state) return;
    this.state = next;
    for (const watcher of [...this.watchers]) watcher();
  }
}

/**
 * What covers them all: a wish for what some listener wants of all devices, and one for what is wanted of a few. The
 * feed then gives each listener its part.
 */
export function joined(wishes: readonly Wish[]): readonly Wish[] {
  const typesOf = (some: readonly Wish[]) => [...new Set(some.flatMap((wish) => wish.types))].sort();
  const ofAll = typesOf(wishes.filter((wish) => wish.devices === undefined));
  const rest = wishes.filter((wish) => wish.devices && wish.types.some((type) => !ofAll.includes(type)));
  const ofSome = typesOf(rest).filter((type) => !ofAll.includes(type));
  const devices = [...new Set(rest.flatMap((wish) => wish.devices ?? []))].sort((a, b) => a - b);
  return [...(ofAll.length > 0 ? [{ types: ofAll }] : []), ...(ofSome.length > 0 ? [{ types: ofSome, devices }] : [])];
}

function wants(wish: Wish, event: FeedEvent) {
  if (!wish.types.includes(event.type)) return false;
  return wish.devices === undefined || (event.device_id !== undefined && wish.devices.includes(event.device_id));
}

function parsed(data: unknown): Record<string, unknown> | null {
  if (typeof data !== 'string') return null;
  try {
    const message: unknown = JSON.parse(data);
    return typeof message === 'object' && message !== null ? (message as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
