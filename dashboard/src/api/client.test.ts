import { beforeEach, expect, test, vi } from 'vitest';
import { answerOf, api } from './client';
import { currentSession, signIn } from './session';

let asked: Request[];
let answer: () => Response;

beforeEach(() => {
  asked = [];
  vi.stubGlobal('fetch', async (request: Request) => {
    asked.push(request);
    return answer();
  });
});

const json = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } });

test('calls carry the credential, and lists go with commas', async () => {
  signIn('admin secret');
  answer = () => json({ data: [], count: 0 });
  await answerOf(
    api.GET('/api/v1/telemetry/{device}/aggregated', {
      params: { path: { device: 'a/b' }, query: { aggregation: ['avg', 'min'], fields: ['x'] } },
    }),
  );
  expect(asked[0]!.headers.get('Authorization')).toBe('admin secret');
  expect(asked[0]!.url).toMatch(/\/api\/v1\/telemetry\/a%2Fb\/aggregated\?aggregation=avg,min&fields=x$/);
});

test('a refusal is thrown in the words of the platform', async () => {
  answer = () => json({ title: 'Not found', detail: 'No device 9.', hint: 'Check the id.', code: 'not_found' }, 404);
  const call = answerOf(api.GET('/api/v1/admin/devices/{device}', { params: { path: { device: '9' } } }));
  await expect(call).rejects.toMatchObject({ status: 404, title: 'Not found', detail: 'No device 9.' });
});

test('a page of somebody else in between is a sentence too', async () => {
  answer = () => new Response('<html>', { status: 502 });
  await expect(answerOf(api.GET('/stats'))).rejects.toMatchObject({ title: 'The platform answered 502' });
});

test('a credential that is refused ends the session, one that is only tried does not', async () => {
  signIn('admin good');
  answer = () => json({ title: 'Unauthorized' }, 401);
  await expect(answerOf(api.GET('/api/v1/auth/me', { headers: { Authorization: 'admin tried' } }))).rejects.toThrow();
  expect(currentSession()).not.toBeNull();
  await expect(answerOf(api.GET('/api/v1/auth/me'))).rejects.toThrow();
  expect(currentSession()).toBeNull();
});
