import { useSyncExternalStore } from 'react';

/**
 * Who is signed in. The session lives in sessionStorage: it survives a reload and ends with the tab, and is never
 * written where a later user of the browser finds it. The access token is kept beside the refresh token, which is worth
 * more: were it asked for anew at each load, two quick reloads would use one refresh token twice, and the platform ends
 * a session for that.
 */
export interface Session {
  /** The same in all tabs that share the session: a browser copies sessionStorage when it duplicates a tab. */
  readonly id: string;
  /** The whole value of the Authorization header, such as `admin <token>`. */
  readonly authorization: string;
  /** Null for a credential that was pasted: it is good until the platform refuses it. */
  readonly renewal: Renewal | null;
}

/** With what a session goes on when its access token ends. */
export interface Renewal {
  /** Good once. */
  readonly refreshToken: string;
  /** Until when the access token is good, in milliseconds. */
  readonly goodUntil: number;
  /** How often the session was renewed; of two tabs with the same session the higher one is right. */
  readonly turn: number;
}

/** What the platform answers to whoever signs in. */
export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly expires_in: number;
}

interface State {
  readonly session: Session | null;
  /** Why the last session ended, when it was not the user's wish; the sign-in page shows it. */
  readonly notice: string | null;
}

const KEY = 'iotflow.session';
const watchers = new Set<() => void>();
let state: State = { session: restored(), notice: null };

function restored(): Session | null {
  try {
    const kept: unknown = JSON.parse(window.sessionStorage.getItem(KEY) ?? 'null');
    return isSession(kept) ? kept : null;
  } catch {
    return null;
  }
}

function isSession(kept: unknown): kept is Session {
  if (typeof kept !== 'object' || kept === null) return false;
  const { id, authorization, renewal } = kept as Partial<Session>;
  return typeof id === 'string' && typeof authorization === 'string' && typeof renewal === 'object';
}

function become(next: State) {
  state = next;
  try {
    if (next.session) window.sessionStorage.setItem(KEY, JSON.stringify(next.session));
    else window.sessionStorage.removeItem(KEY);
  } catch {
    // Storage is forbidden: the session then lasts until the page is reloaded.
  }
  for (const watcher of watchers) watcher();
}

export const currentSession = () => state.session;

/** Begins a session with a credential that needs no renewal: the operator's token, or a service token. */
export function signIn(authorization: string) {
  become({ session: { id: randomId(), authorization, renewal: null }, notice: null });
}

/** Begins a user's session. */
export function signInWith(tokens: Tokens) {
  become({ session: sessionOf(randomId(), tokens, 0), notice: null });
}

/** The same session with new tokens. */
export function continueWith(session: Session) {
  become({ session, notice: null });
}

export function renewed(before: Session, tokens: Tokens): Session {
  return sessionOf(before.id, tokens, (before.renewal?.turn ?? 0) + 1);
}

function sessionOf(id: string, tokens: Tokens, turn: number): Session {
  const goodUntil = Date.now() + tokens.expires_in * 1000;
  return {
    id,
    authorization: `Bearer ${tokens.access_token}`,
    renewal: { refreshToken: tokens.refresh_token, goodUntil, turn },
  };
}

/** Forgets the session here; a notice says why, when it was not the user who ended it. */
export function signOut(notice: string | null = null) {
  if (state.session === null && state.notice === notice) return;
  become({ session: null, notice });
}

/** crypto.randomUUID is missing on pages over plain HTTP. */
export function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function watch(watcher: () => void) {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export const useSession = () => useSyncExternalStore(watch, () => state);
