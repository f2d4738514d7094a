import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';
import { Navigate, useLocation } from 'react-router';
import { useSession } from '@/api/session';

/** Lets only the signed-in through; others sign in first and come back to where they wanted to go. */
export function SignedIn({ children }: { readonly children: ReactNode }) {
  const { session } = useSession();
  const { pathname, search } = useLocation();
  const queries = useQueryClient();
  useEffect(() => {
    // Nothing that one user read stays for the next.
    if (!session) queries.clear();
  }, [session, queries]);
  if (session) return children;
  return <Navigate to="/sign-in" replace state={{ wanted: pathname + search }} />;
}
