import { useMutation, useQueryClient } from '@tanstack/react-query';
import { answerOf, api, type Schemas } from '@/api/client';
import { PAGE_SIZE, usePages } from '@/api/pages';

export type Token = Schemas['ServiceToken'];

const KEY = ['tokens'] as const;

export const useTokens = () =>
  usePages(KEY, async (cursor) => {
    const query = { limit: PAGE_SIZE, cursor };
    const { tokens, next_cursor } = await answerOf(api.GET('/api/v1/tokens', { params: { query } }));
    return { items: tokens, next: next_cursor };
  });

export function useCreateToken() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (wish: Schemas['NewToken']) => answerOf(api.POST('/api/v1/tokens', { body: wish })),
    onSuccess: () => queries.invalidateQueries({ queryKey: KEY }),
    // The token in the answer is not kept longer than it is shown.
    gcTime: 0,
  });
}

export function useRevokeToken() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (token: number) =>
      answerOf(api.DELETE('/api/v1/tokens/{token}', { params: { path: { token: String(token) } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: KEY }),
  });
}
