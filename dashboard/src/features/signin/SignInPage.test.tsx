import { fireEvent, screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { currentSession, signIn, signOut } from '@/api/session';
import { SignedIn } from '@/app/SignedIn';
import { json, platform, show } from '@/test/render';
import { SignInPage } from './SignInPage';

const pages = {
  '/sign-in': <SignInPage />,
  '/devices': (
    <SignedIn>
      <p>the fleet</p>
    </SignedIn>
  ),
};
const field = () => screen.findByLabelText('Admin credential');
const press = () => fireEvent.click(screen.getByRole('button', { name: 'Sign in' }));

test('whoever is not signed in signs in first and then gets where they wanted', async () => {
  platform({ 'GET /api/v1/auth/me': () => json({ role: 'admin', name: 'admin' }) });
  show(pages, '/devices?search=x');
  fireEvent.change(await field(), { target: { value: 's3cret' } });
  press();
  await screen.findByText('the fleet');
  expect(currentSession()).toEqual({ authorization: 'admin s3cret' });
  expect(window.sessionStorage.getItem('iotflow.session')).toBe('admin s3cret');
});

test('a wrong credential is said at the field and kept nowhere', async () => {
  platform({ 'GET /api/v1/auth/me': () => json({ title: 'Unauthorized' }, 401) });
  show(pages, '/devices');
  fireEvent.change(await field(), { target: { value: 'wrong' } });
  press();
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
  fireEvent.change(await field(), { target: { value: 'right' } });
  press();
  await screen.findByText('The platform cannot be reached');
});

test('a session that ends by itself says why', async () => {
  signIn('admin old');
  show(pages, '/devices');
  await screen.findByText('the fleet');
  signOut('The platform no longer accepts this credential. Sign in again.');
  await screen.findByText(/no longer accepts/);
});
