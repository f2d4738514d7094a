import { randomId, renewed, type Session, type Tokens } from './session';

/**
 * Renews a session, once for all tabs that share it. A refresh token is good once, and the platform takes a second use
 * for theft and ends the session, so two tabs must never send the same one. Web Locks are missing on pages over plain
 * HTTP, so the tabs agree by messages:
 *
 * - whoever wants to renew says so and listens for a moment (`LISTEN`);
 * - a tab that has a later session answers with it, and nothing needs to be asked of the platform;
 * - of several that want to, the one with the smallest name goes first, and one that has begun before all of them; the
 *   others wait for what it brings, and begin again if it brings nothing (`PATIENCE`).
 */
export type Message =
  | { readonly type: 'wish' | 'mine'; readonly id: string; readonly turn: number; readonly by: string }
  | { readonly type: 'have'; readonly session: Session }
  | { readonly type: 'over'; readonly id: string; readonly notice: string | null };

export interface Surroundings {
  /** Tells all other tabs. */
  readonly post: (message: Message) => void;
  readonly current: () => Session | null;
  readonly continueWith: (session: Session) => void;
  readonly end: (notice: string | null) => void;
  /** Asks the platform. Throws `Over` when the session has ended, anything else when it could not be asked. */
  readonly refresh: (refreshToken: string) => Promise<Tokens>;
}

export class Over extends Error {}

/** How long another tab has for saying that it has something later, in milliseconds. */
const LISTEN = 120;
/** How long a tab that goes first may take. */
const PATIENCE = 15_000;
/** A tab that has begun to ask the platform goes before every name. */
const FIRST_OF_ALL = '';
const ENDED = 'Your session has ended. Sign in again.';

export class Renewals {
  private readonly name = randomId();
  private flight: Promise<void> | null = null;
  private asking = false;
  private rivals = new Set<string>();
  private wake: (() => void) | null = null;

  constructor(private readonly around: Surroundings) {}

  /** Afterwards the session is renewed, or over. Throws when the platform could not be asked. */
  renew(): Promise<void> {
    this.flight ??= this.renewOnce().finally(() => {
      this.flight = null;
      this.asking = false;
    });
    return this.flight;
  }

  /** What another tab says. */
  hear(message: Message) {
    const mine = this.around.current();
    if (!mine?.renewal) return;
    const { turn } = mine.renewal;
    if (message.type === 'have') {
      const theirs = message.session;
      if (theirs.id === mine.id && (theirs.renewal?.turn ?? 0) > turn) this.around.continueWith(theirs);
    } else if (message.id !== mine.id) {
      return;
    } else if (message.type === 'over') {
      this.around.end(message.notice);
    } else if (turn > message.turn) {
      this.around.post({ type: 'have', session: mine });
    } else if (this.flight && turn === message.turn) {
      this.rivals.add(message.by);
      if (message.type === 'wish') this.say('mine', mine.id, turn);
    }
    this.wake?.();
  }

  private say(type: 'wish' | 'mine', id: string, turn: number) {
    this.around.post({ type, id, turn, by: this.asking ? FIRST_OF_ALL : this.name });
  }

  private async renewOnce() {
    const before = this.around.current();
    if (!before?.renewal) return;
    const { turn, refreshToken } = before.renewal;
    const isPast = () => {
      const now = this.around.current();
      return now?.id !== before.id || now.renewal?.turn !== turn;
    };
    for (;;) {
      this.rivals = new Set();
      this.say('wish', before.id, turn);
      await this.until(isPast, LISTEN);
      if (isPast()) return;
      if (![...this.rivals].some((rival) => rival < this.name)) break;
      await this.until(isPast, PATIENCE);
      if (isPast()) return;
    }
    this.asking = true;
    await this.ask(before, refreshToken, isPast);
  }

  private async ask(before: Session, refreshToken: string, isPast: () => boolean) {
    try {
      const after = renewed(before, await this.around.refresh(refreshToken));
      if (isPast()) return;
      this.around.continueWith(after);
      this.around.post({ type: 'have', session: after });
    } catch (failure) {
      if (!(failure instanceof Over)) throw failure;
      if (isPast()) return;
      this.around.end(ENDED);
      this.around.post({ type: 'over', id: before.id, notice: ENDED });
    }
  }

  private until(isTrue: () => boolean, millis: number): Promise<void> {
    if (isTrue()) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.wake = null;
        resolve();
      };
      const timer = setTimeout(done, millis);
      this.wake = () => {
        if (isTrue()) done();
      };
    });
  }
}
