import { answerOf, api } from '@/api/client';

/**
 * The Authorization header that somebody means who pastes a credential: the token alone, as it is printed, or the whole
 * header; `null` for nothing.
 */
export function authorizationFrom(typed: string): string | null {
  const text = typed.trim().replace(/^authorization:\s*/i, '');
  if (text === '') return null;
  const scheme = /^(admin|bearer)\s+(\S+)$/i.exec(text);
  if (scheme) return `${scheme[1]!.toLowerCase() === 'admin' ? 'admin' : 'Bearer'} ${scheme[2]}`;
  return /\s/.test(text) ? null : `admin ${text}`;
}

/** The same credential, once the platform has accepted it. */
export async function checkCredential(authorization: string): Promise<string> {
  await answerOf(api.GET('/api/v1/auth/me', { headers: { Authorization: authorization } }));
  return authorization;
}
