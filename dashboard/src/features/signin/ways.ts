import { useLocalStorage } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { signInWith, type Tokens } from '@/api/session';
import { Problem, problemOf } from '@/api/problem';

/** How somebody signs in here: by name and password, or with a credential that was pasted. */
export type Way = 'password' | 'credential';

/** The way that was used last in this browser. */
export const useWay = () =>
  useLocalStorage<Way>({ key: 'iotflow.sign-in', defaultValue: 'password', getInitialValueInEffect: false });

/** Another service that signs people in. */
export interface Provider {
  readonly label: string;
  /** Where the browser goes, on this platform. */
  readonly start: string;
}

/** The service that the platform names; null if it names none, or cannot be asked. */
export const useProvider = () =>
  useQuery({ queryKey: ['sign-in-methods'], queryFn: readProvider, staleTime: Infinity, retry: false }).data ?? null;

async function readProvider(): Promise<Provider | null> {
  const response = await fetch(new Request(`${location.origin}/api/v1/auth/methods`));
  return response.ok ? providerIn(await response.json()) : null;
}

/** An address elsewhere, or one that is a script, is not followed. */
export function providerIn(answer: unknown): Provider | null {
  const { methods, oidc } = (answer ?? {}) as { methods?: unknown; oidc?: Partial<Provider> };
  if (!Array.isArray(methods) || !methods.includes('oidc') || typeof oidc?.start !== 'string') return null;
  if (!/^\/[^/\\]/.test(oidc.start)) return null;
  return { label: typeof oidc.label === 'string' && oidc.label ? oidc.label : 'single sign-on', start: oidc.start };
}

/** Signs in with the code that the platform gave the browser when it came back from the service. */
export async function signInByCode(code: string) {
  const response = await fetch(
    new Request(`${location.origin}/api/v1/auth/oidc/token`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ code }),
    }),
  );
  const answer: unknown = await response.json().catch(() => null);
  if (!response.ok) throw problemOf(response, answer);
  if (!isTokens(answer)) throw new Problem({ status: response.status, title: 'The answer has no tokens in it' });
  signInWith(answer);
}

function isTokens(answer: unknown): answer is Tokens {
  const { access_token, refresh_token, expires_in } = (answer ?? {}) as Partial<Tokens>;
  return typeof access_token === 'string' && typeof refresh_token === 'string' && typeof expires_in === 'number';
}

const WANTED = 'iotflow.wanted';

/** The browser leaves for a while; this is where the person wants to be afterwards. */
export function rememberWanted(path: string | undefined) {
  try {
    if (path) sessionStorage.setItem(WANTED, path);
    else sessionStorage.removeItem(WANTED);
  } catch {
    // Storage is forbidden: the way then leads to the first page.
  }
}

export function takeWanted(): string | null {
  try {
    const path = sessionStorage.getItem(WANTED);
    sessionStorage.removeItem(WANTED);
    return path;
  } catch {
    return null;
  }
}
