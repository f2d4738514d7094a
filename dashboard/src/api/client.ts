import createClient, { type Middleware } from 'openapi-fetch';
import { problemFrom } from './problem';
import type { components, paths } from './schema';
import { currentSession, signOut } from './session';

/** The shapes of the platform's OpenAPI document, by their names there. */
export type Schemas = components['schemas'];

const asWhoIsSignedIn: Middleware = {
  onRequest({ request }) {
    const session = currentSession();
    if (session && !request.headers.has('Authorization')) request.headers.set('Authorization', session.authorization);
    return request;
  },
  onResponse({ request, response }) {
    const session = currentSession();
    // A credential that is only tried out at sign-in is not the session's.
    if (response.status === 401 && session?.authorization === request.headers.get('Authorization')) {
      signOut('The platform no longer accepts this credential. Sign in again.');
    }
    return response;
  },
};

/** Calls of the platform, each checked against its OpenAPI document when this is compiled. */
export const api = createClient<paths>({
  baseUrl: window.location.origin,
  querySerializer: { array: { style: 'form', explode: false } },
  // Looked up at each call, so that a test can answer.
  fetch: (request) => globalThis.fetch(request),
});
api.use(asWhoIsSignedIn);

/** What a call answered; a refusal is thrown as a `Problem`. */
export async function answerOf<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await call;
  if (!response.ok) throw problemFrom(response.status, error);
  return data as T;
}
