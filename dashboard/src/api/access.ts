import createClient from 'openapi-fetch';
import { problemOf } from './problem';
import { type Message, Over, Renewals } from './renewal';
import type { paths } from './schema';
import {
  continueWith,
  currentSession,
  type Renewal,
  renewed,
  type Session,
  signInWith,
  signOut,
  type Tokens,
} from './session';

/** Signing in and out, and staying signed in. These calls carry their secret in the body and no header. */
const plain = createClient<paths>({
  baseUrl: window.location.origin,
  fetch: (request) => globalThis.fetch(request),
});

/** An access token that ends within this time is renewed before it is used, in milliseconds. */
const MARGIN = 60_000;
const CHANNEL = 'iotflow.session';
const REFUSED = 'The platform no longer accepts this credential. Sign in again.';

const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(CHANNEL);
const tellOthers = (message: Message) => channel?.postMessage(message);

const renewals = new Renewals({
  post: tellOthers,
  current: currentSession,
  continueWith,
  end: signOut,
  refresh: async (refresh_token) => {
    const { data, error, response } = await plain.POST('/api/v1/auth/refresh', { body: { refresh_token } });
    if (response.status === 401) throw new Over();
    if (!data) throw problemOf(response, error);
    return data;
  },
});
if (channel) channel.onmessage = ({ data }: MessageEvent<Message>) => renewals.hear(data);

/** When a session is renewed at the earliest, in milliseconds. */
export const renewalTime = ({ goodUntil }: Renewal) => goodUntil - MARGIN;

/** The header of the next call, renewed if its token is about to end; null when nobody is signed in. */
export async function freshAuthorization(): Promise<string | null> {
  const session = currentSession();
  if (!session?.renewal || Date.now() < renewalTime(session.renewal)) return session?.authorization ?? null;
  try {
    await renewals.renew();
  } catch (failure) {
    // It could not be renewed now; what is left of it still serves.
    if (session.renewal.goodUntil <= Date.now()) throw failure;
  }
  return currentSession()?.authorization ?? null;
}

/**
 * What to do when the platform refuses a session's own credential: a user's is renewed, or ends when it cannot be; any
 * other ends. Answers the header to try once more with, or null when the session is over.
 */
export async function afterRefusal(refused: string): Promise<string | null> {
  const session = currentSession();
  if (!session) return null;
  // A call that was under way while the session was renewed.
  if (session.authorization !== refused) return session.authorization;
  if (session.renewal) await renewals.renew();
  else signOut(REFUSED);
  return currentSession()?.authorization ?? null;
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
  /** A one-time or recovery code. */
  readonly totp?: string;
}

/** Signs in; a missing second factor is a `Problem` with the code `totp_required`. */
export async function signInAs(credentials: Credentials) {
  const { data, error, response } = await plain.POST('/api/v1/auth/login', { body: credentials });
  if (!data) throw problemOf(response, error);
  signInWith(data);
}

/** The session goes on with tokens that came another way, such as by a new password; other tabs of it follow. */
export function goOnWith(tokens: Tokens) {
  const session = currentSession();
  if (!session) return signInWith(tokens);
  const next: Session = renewed(session, tokens);
  continueWith(next);
  tellOthers({ type: 'have', session: next });
}

/** Ends the session here, in the tabs that share it, and on the platform. */
export function endSession() {
  const session = currentSession();
  signOut();
  if (!session) return;
  tellOthers({ type: 'over', id: session.id, notice: null });
  if (session.renewal) void endOnPlatform(session.renewal.refreshToken);
}

/** Without waiting: whoever leaves shall not be kept, and a token that nobody has any more ends by itself. */
async function endOnPlatform(refresh_token: string) {
  try {
    await plain.POST('/api/v1/auth/logout', { body: { refresh_token }, keepalive: true });
  } catch {
    // Out of reach.
  }
}
