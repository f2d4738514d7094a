import { expect, test, vi } from 'vitest';
import { json, platform } from '@/test/render';
import { endSession, freshAuthorization, signInAs } from './access';
import { answerOf, api } from './client';
import { currentSession, signInWith } from './session';

const tokens = (n: number, expires_in = 900) => ({
  access_token: `a${n}`,
  refresh_token: `r${n}`,
  token_type: 'Bearer' as const,
  expires_in,
});
const bodyOf = async (request: Request) => (await request.json()) as Record<string, unknown>;

test('a token that is about to end is renewed before the call, once for all calls', async () => {
  signInWith(tokens(0, 30));
  const asked = platform({
    'POST /api/v1/auth/refresh': () => json(tokens(1)),
    'GET /api/v1/auth/me': () => json({ name: 'anna', role: 'viewer' }),
  });
  await Promise.all([answerOf(api.GET('/api/v1/auth/me')), answerOf(api.GET('/api/v1/auth/me'))]);
  expect(asked.map((request) => new URL(request.url).pathname)).toEqual([
    '/api/v1/auth/refresh',
    '/api/v1/auth/me',
    '/api/v1/auth/me',
  ]);
  expect(await bodyOf(asked[0]!)).toEqual({ refresh_token: 'r0' });
  expect(asked[0]!.headers.has('Authorization')).toBe(false);
  expect(asked[1]!.headers.get('Authorization')).toBe('Bearer a1');
  expect(await freshAuthorization()).toBe('Bearer a1');
  expect(asked).toHaveLength(3);
});

test('a refused token is renewed and what was only read is asked again', async () => {
  signInWith(tokens(0));
  platform({
    'POST /api/v1/auth/refresh': () => json(tokens(1)),
    'GET /api/v1/auth/me': (request) =>
      request.headers.get('Authorization') === 'Bearer a1'
        ? json({ name: 'anna' })
        : json({ code: 'unauthorized' }, 401),
  });
  expect(await answerOf(api.GET('/api/v1/auth/me'))).toEqual({ name: 'anna' });
});

test('a session that was ended elsewhere says so at the sign-in', async () => {
  signInWith(tokens(0));
  platform({
    'POST /api/v1/auth/refresh': () => json({ title: 'Not signed in', code: 'sign_in_refused' }, 401),
    'GET /api/v1/auth/me': () => json({ title: 'Unauthorized', code: 'unauthorized' }, 401),
  });
  await expect(answerOf(api.GET('/api/v1/auth/me'))).rejects.toMatchObject({ status: 401 });
  expect(currentSession()).toBeNull();
});

test('a wrong password typed into a form does not end the session', async () => {
  signInWith(tokens(0));
  platform({ 'POST /api/v1/auth/password': () => json({ title: 'Not signed in', code: 'sign_in_refused' }, 401) });
  const call = api.POST('/api/v1/auth/password', { body: { password: 'x', new_password: 'a long new one' } });
  await expect(answerOf(call)).rejects.toMatchObject({ code: 'sign_in_refused' });
  expect(currentSession()).not.toBeNull();
});

test('a renewal that finds no platform keeps the session', async () => {
  signInWith(tokens(0, 30));
  platform({
    'POST /api/v1/auth/refresh': () => {
      throw new TypeError('Failed to fetch');
    },
  });
  expect(await freshAuthorization()).toBe('Bearer a0');
  vi.setSystemTime(Date.now() + 31_000);
  await expect(freshAuthorization()).rejects.toThrow('Failed to fetch');
  expect(currentSession()).not.toBeNull();
  vi.useRealTimers();
});

test('signing in and out, and what the platform hears of it', async () => {
  const asked = platform({
    'POST /api/v1/auth/login': () => json(tokens(0)),
    'POST /api/v1/auth/logout': () => new Response(null, { status: 204 }),
  });
  await signInAs({ username: 'anna', password: 'correct horse battery' });
  expect(currentSession()?.authorization).toBe('Bearer a0');
  expect(JSON.parse(sessionStorage.getItem('iotflow.session')!)).toMatchObject({ renewal: { refreshToken: 'r0' } });
  expect(JSON.stringify({ ...localStorage })).not.toContain('r0');
  endSession();
  expect(currentSession()).toBeNull();
  expect(sessionStorage.getItem('iotflow.session')).toBeNull();
  await vi.waitFor(() => expect(asked).toHaveLength(2));
  expect(await bodyOf(asked[1]!)).toEqual({ refresh_token: 'r0' });
});
