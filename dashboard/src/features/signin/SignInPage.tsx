import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { Navigate, useLocation } from 'react-router';
import type { Credentials } from '@/api/access';
import { useSession } from '@/api/session';
import { CredentialForm } from './CredentialForm';
import { PasswordForm } from './PasswordForm';
import { SecondFactorForm } from './SecondFactorForm';
import { useWay, type Way } from './ways';

const WAYS: { value: Way; label: string }[] = [
  { value: 'password', label: 'Name and password' },
  { value: 'credential', label: 'Credential' },
];

/** The way in: by name and password with a second factor where there is one, or with a credential. */
export function SignInPage() {
  const { session, notice } = useSession();
  const wanted = (useLocation().state as { wanted?: string } | null)?.wanted;
  const [way, setWay] = useWay();
  const [halfway, setHalfway] = useState<Credentials | null>(null);
  if (session) return <Navigate to={wanted ?? '/'} replace />;
  if (halfway) return <SecondFactorForm credentials={halfway} onBack={() => setHalfway(null)} />;

  const choice = (
    <SegmentedControl data={WAYS} value={way} onChange={(next) => setWay(next)} fullWidth aria-label="How to sign in" />
  );
  return way === 'password' ? (
    <PasswordForm choice={choice} notice={notice} wanted={wanted} onSecondFactor={setHalfway} />
  ) : (
    <CredentialForm choice={choice} notice={notice} />
  );
}
