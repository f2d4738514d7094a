import createClient, { type Middleware } from 'openapi-fetch';
import { afterRefusal, freshAuthorization } from './access';
import { problemOf } from './problem';
import type { components, paths } from './schema';

/** The shapes of the platform's OpenAPI document, by their names there. */
export type Schemas = components['schemas'];

/** Calls whose credential is not the session's: one that is only tried out at sign-in. */
const tried = new WeakSet<Request>();

const asWhoIsSignedIn: Middleware = {
  async onRequest({ request }) {
    if (request.headers.has('Authorization')) {
      tried.add(request);
      return request;
    }
    const authorization = await freshAuthorization();
    if (authorization) request.headers.set('Authorization', authorization);
    return request;
  },
  async onResponse({ request, response }) {
    const refused = request.headers.get('Authorization');
    if (response.status !== 401 || !refused || tried.has(request) || !(await isOfTheCredential(response))) return;
    const authorization = await afterRefusal(refused);
    // A body has been sent and is gone, so only what has none is sent again.
    if (!authorization || request.method !== 'GET') return;
    const again = new Request(request);
    again.headers.set('Authorization', authorization);
    return globalThis.fetch(again);
  },
};

/** A wrong password or code, typed into a form, is refused with 401 as well and says nothing about the session. */
async function isOfTheCredential(response: Response): Promise<boolean> {
  try {
    const { code } = (await response.clone().json()) as { code?: unknown };
    return code !== 'sign_in_refused' && code !== 'totp_required';
  } catch {
    return true;
  }
}

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
  if (!response.ok) throw problemOf(response, error);
  return data as T;
}
