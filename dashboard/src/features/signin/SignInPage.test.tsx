import { fireEvent, screen } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import { currentSession, signIn, signOut } from '@/api/session';
import { SignedIn } from '@/app/SignedIn';
import { json, platform, show } from '@/test/render';
import { ProviderReturnPage } from './ProviderReturnPage';
import { SignInPage } from './SignInPage';

const pages = {
  '/': <p>the first page</p>,
  '/sign-in': <SignInPage />,
  '/sign-in/oidc': <ProviderReturnPage />,
  '/devices': (
    <SignedIn>
      <p>the fleet</p>
    </SignedIn>
  ),
};
const TOKENS = { access_token: 'a', refresh_token: 'r', token_type: 'Bearer', expires_in: 900 };
const press = (name = 'Sign in') => fireEvent.click(screen.getByRole('button', { name }));
const type = async (label: string, value: string) =>
  fireEvent.change(await screen.findByLabelText(label), { target: { value } });

async function asCredential(value: string) {
  fireEvent.click(await screen.findByLabelText('Credential'));
  await type('Admin credential', value);
  press();
}

async function asUser() {
  await type('Name', ' anna ');
  await type('Password', 'correct horse battery');
  press();
}

beforeEach(() => localStorage.clear());

test('whoever is not signed in signs in first and then gets where they wanted', async () => {
  platform({ 'GET /api/v1/auth/me': () => json({ role: 'admin', name: 'admin' }) });
  show(pages, '/devices?search=x');
  await asCredential('s3cret');
  await screen.findByText('the fleet');
  expect(currentSession()).toMatchObject({ authorization: 'admin s3cret', renewal: null });
  expect(window.sessionStorage.getItem('iotflow.session')).toContain('admin s3cret');
});

test('a wrong credential is said at the field and kept nowhere', async () => {
  platform({ 'GET /api/v1/auth/me': () => json({ title: 'Unauthorized' }, 401) });
  show(pages, '/devices');
  await asCredential('wrong');
  await screen.findByText('The platform does not know this credential.');
  expect(currentSession()).toBeNull();
});

test('a platform that does not answer is told apart from a wrong credential', async () => {
  platform({
    'GET /api/v1/auth/me': () => {
      throw new TypeError('Failed to fetch');
    },
  });
  show(pages, '/sign-in');
  await asCredential('right');
  await screen.findByText('The platform cannot be reached');
});

test('a session that ends by itself says why', async () => {
  platform({});
  signIn('admin old');
  show(pages, '/devices');
  await screen.findByText('the fleet');
  signOut('The platform no longer accepts this credential. Sign in again.');
  await screen.findByText(/no longer accepts/);
});

test('a user signs in by name and password', async () => {
  const asked = platform({ 'POST /api/v1/auth/login': () => json(TOKENS) });
  show(pages, '/devices');
  await asUser();
  await screen.findByText('the fleet');
  const login = asked.find((request) => request.url.endsWith('/login'))!;
  expect(await login.json()).toEqual({ username: 'anna', password: 'correct horse battery' });
  expect(currentSession()).toMatchObject({ authorization: 'Bearer a', renewal: { refreshToken: 'r' } });
});

test('a second factor is a second step, and a wrong code may be typed again', async () => {
  const asked = platform({
    'POST /api/v1/auth/login': async (request) => {
      const { totp } = (await request.json()) as { totp?: string };
      if (totp === '123456') return json(TOKENS);
      return json({ title: 'x', code: totp ? 'sign_in_refused' : 'totp_required' }, 401);
    },
  });
  show(pages, '/devices');
  await asUser();
  await screen.findByRole('heading', { name: 'Second factor' });
  await type('Code', '000000');
  press();
  await screen.findByText(/This code is not accepted/);
  await type('Code', '123 456');
  press();
  await screen.findByText('the fleet');
  expect(asked.filter((request) => request.url.endsWith('/login'))).toHaveLength(3);
});

test('a locked name says for how long, and the button waits', async () => {
  const locked = {
    title: 'Too many requests',
    detail: 'Too many wrong attempts under this name.',
    code: 'rate_limited',
  };
  platform({
    'POST /api/v1/auth/login': () =>
      new Response(JSON.stringify(locked), { status: 429, headers: { 'Retry-After': '90' } }),
  });
  show(pages, '/sign-in');
  await asUser();
  await screen.findByText('Too many wrong attempts under this name.');
  const button = await screen.findByRole('button', { name: /^Wait 1 min/ });
  expect(button).toHaveProperty('disabled', true);
});

test('a wrong name and a wrong password look the same', async () => {
  platform({ 'POST /api/v1/auth/login': () => json({ title: 'Not signed in', code: 'sign_in_refused' }, 401) });
  show(pages, '/sign-in');
  await asUser();
  await screen.findByText('The name or the password is wrong.');
});

test('another service is offered when the platform names one, and its code signs in', async () => {
  platform({
    'GET /api/v1/auth/methods': () =>
      json({ methods: ['password', 'oidc'], oidc: { label: 'Acme', start: '/api/v1/auth/oidc/start' } }),
    'POST /api/v1/auth/oidc/token': async (request) =>
      ((await request.json()) as { code: string }).code === 'c1' ? json(TOKENS) : json({ title: 'No such code' }, 401),
  });
  const { router } = show(pages, '/sign-in');
  const link = await screen.findByRole('link', { name: 'Sign in with Acme' });
  expect(link.getAttribute('href')).toBe('/api/v1/auth/oidc/start');
  await router.navigate('/sign-in/oidc?code=wrong');
  await screen.findByText('No such code');
  await router.navigate('/sign-in/oidc?code=c1');
  await screen.findByText('the first page');
});

test('whoever comes back refused reads why, and what to do', async () => {
  platform({});
  show(pages, '/sign-in/oidc?error=forbidden');
  expect(await screen.findByText(/refused: forbidden/)).toBeTruthy();
  expect(screen.getByText(/ask an administrator for a role/)).toBeTruthy();
});
