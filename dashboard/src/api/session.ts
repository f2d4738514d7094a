import { useSyncExternalStore } from 'react';

/**
 * Who is signed in. The credential lives in sessionStorage: it survives a reload and ends with the tab, and is never
 * written where another tab or a later user finds it.
 */
export interface Session {
  /** The whole value of the Authorization header, such as `admin <token>`. */
  readonly authorization: string;
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
    const authorization = window.sessionStorage.getItem(KEY);
    return authorization ? { authorization } : null;
  } catch {
    return null;
  }
}

function become(next: State) {
  state = next;
  try {
    if (next.session) window.sessionStorage.setItem(KEY, next.session.authorization);
    else window.sessionStorage.removeItem(KEY);
  } catch {
    // Storage is forbidden: the session then lasts until the page is reloaded.
  }
  for (const watcher of watchers) watcher();
}

export const currentSession = () => state.session;

export function signIn(authorization: string) {
  become({ session: { authorization }, notice: null });
}

/** Ends the session; a notice says why, when it was not the user who ended it. */
export function signOut(notice: string | null = null) {
  if (state.session === null && state.notice === notice) return;
  become({ session: null, notice });
}

function watch(watcher: () => void) {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export const useSession = () => useSyncExternalStore(watch, () => state);
