import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { Link, Navigate, useSearchParams } from 'react-router';
import { Problem } from '@/api/problem';
import { useSession } from '@/api/session';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { SignInFrame } from './SignInFrame';
import { signInByCode, takeWanted } from './ways';

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
  const failure = exchange.error ?? (code ? null : new Problem({ status: 0, title: 'The service sent no code' }));
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
