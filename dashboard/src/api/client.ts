import { currentSession, signOut } from './session';
import { problemFrom } from './problem';

interface Options {
  query?: Record<string, unknown>;
  body?: unknown;
  authorization?: string;
}

export async function call<T>(method: string, path: string, options: Options = {}): Promise<T> {
  const response = await raw(method, path, options);
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

export async function raw(method: string, path: string, options: Options = {}) {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(options.query ?? {})) if (value !== undefined && value !== '') query.set(key, String(value));
  const session = currentSession();
  const response = await fetch(path + (query.size ? `?${query}` : ''), {
    method,
    headers: {
      ...(options.authorization ?? session ? { Authorization: options.authorization ?? session!.authorization } : {}),
      ...(options.body === undefined ? {} : { 'Content-Type': 'application/json' }),
    },
    body: options.body === undefined ? undefined : JSON.stringify(options.body),
  });
  if (response.status === 401 && session) signOut('The platform no longer accepts this credential. Sign in again.');
  if (!response.ok) throw problemFrom(response.status, await response.json().catch(() => null));
  return response;
}
