import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef } from 'react';
import { Navigate, useLocation } from 'react-router';
import { useSession } from '@/api/session';

/**
 * Lets only the signed-in through; others sign in first and come back to where they wanted to go. Whoever signs out on
 * purpose does not: the next one at this screen may be somebody else.
 */
export function SignedIn({ children }: { readonly children: ReactNode }) {
  const { session, notice } = useSession();
  const { pathname, search } = useLocation();
  const queries = useQueryClient();
  useEffect(() => {
    // Nothing that one user read stays for the next.
    if (!session) queries.clear();
  }, [session, queries]);
  const wasHere = useRef(false);
  if (session) wasHere.current = true;
  if (session) return children;
  const left = wasHere.current && notice === null;
  return <Navigate to="/sign-in" replace state={left ? null : { wanted: pathname + search }} />;
}
