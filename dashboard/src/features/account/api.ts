import { useMutation, useQueryClient } from '@tanstack/react-query';
import { goOnWith } from '@/api/access';
import { answerOf, api } from '@/api/client';
import { ME } from '@/api/me';

export function useChangePassword() {
  return useMutation({
    mutationFn: (wish: { password: string; new_password: string }) =>
      answerOf(api.POST('/api/v1/auth/password', { body: wish })),
    // Every session has ended, and this one goes on with the tokens in the answer.
    onSuccess: goOnWith,
  });
}

/** A new secret for an authenticator; it takes effect once it is confirmed. */
export const useStartSecondFactor = () =>
  useMutation({ mutationFn: () => answerOf(api.POST('/api/v1/auth/totp')), gcTime: 0 });

export function useConfirmSecondFactor() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (code: string) => answerOf(api.POST('/api/v1/auth/totp/confirm', { body: { code } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ME }),
    gcTime: 0,
  });
}

export function useRemoveSecondFactor() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (code: string) => answerOf(api.DELETE('/api/v1/auth/totp', { body: { code } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ME }),
  });
}
