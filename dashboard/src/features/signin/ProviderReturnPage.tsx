import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { Link, Navigate, useSearchParams } from 'react-router';
import { Problem } from '@/api/problem';
import { useSession } from '@/api/session';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { SignInFrame } from './SignInFrame';
import { signInByCode, takeWanted } from './ways';

/** What a person can do about the refusals that `/auth/oidc/callback` sends here; `docs/reference/errors.md` has all. */
const HINTS: Readonly<Record<string, string>> = {
  forbidden: 'You are known there, but nothing here is open to you: ask an administrator for a role.',
  name_taken: 'Somebody here has your name already: ask an administrator.',
  overloaded: 'Many people sign in at this moment: try again in a minute.',
  sign_in_refused: 'The attempt was too old, was begun in another browser, or was refused there: begin again.',
  sign_in_unavailable: 'The service cannot be reached: try again in a minute.',
};

function refusal(code: string | null): Problem {
  if (code === null) return new Problem({ status: 0, title: 'The service sent no code' });
  const hint = HINTS[code] ?? 'Begin again; if that does not help, tell an administrator this word.';
  return new Problem({ status: 0, code, title: `The sign-in was refused: ${code}`, hint });
}

/** Where the browser comes back to from another service, with a code that is good once. */
export function ProviderReturnPage() {
  const { session } = useSession();
  const [params] = useSearchParams();
  const [wanted] = useState(takeWanted);
  const exchange = useMutation({ mutationFn: signInByCode });
  const code = params.get('code');
  const { mutate } = exchange;
  const spent = useRef<string | null>(null);
  useEffect(() => {
    if (!code || spent.current === code) return;
    spent.current = code;
    mutate(code);
  }, [code, mutate]);
  if (session) return <Navigate to={wanted ?? '/'} replace />;
  const failure = exchange.error ?? (code ? null : refusal(params.get('error')));
  return (
    <SignInFrame title="Signing in" lead={failure ? 'That did not work.' : 'One moment…'}>
      {failure ? (
        <>
          <ProblemNotice failure={failure} />
          <Button component={Link} to="/sign-in" variant="default" fullWidth>
            Back to the sign-in
          </Button>
        </>
      ) : null}
    </SignInFrame>
  );
}
