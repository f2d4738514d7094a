import { useMutation, useQueryClient } from '@tanstack/react-query';
import { answerOf, api, type Schemas } from '@/api/client';
import { useMay } from '@/api/me';
import { PAGE_SIZE, usePages } from '@/api/pages';

export type Role = Schemas['Role'];

const KEY = ['roles'] as const;

/** The built-in ones first; they have no id and belong to no organization. */
export const useRoles = () =>
  usePages(
    KEY,
    async (cursor) => {
      const query = { limit: PAGE_SIZE, cursor };
      const { roles, next_cursor } = await answerOf(api.GET('/api/v1/roles', { params: { query } }));
      return { items: roles, next: next_cursor };
    },
    { enabled: useMay()('users:read') },
  );

function useChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  const queries = useQueryClient();
  // Also users, whose permissions come from their role, and the caller's own.
  return useMutation({ mutationFn: change, onSuccess: () => queries.invalidateQueries() });
}

export const useCreateRole = () =>
  useChange((wish: Schemas['NewRole']) => answerOf(api.POST('/api/v1/roles', { body: wish })));

export const useChangeRole = (role: number) =>
  useChange((wish: Schemas['RoleChange']) =>
    answerOf(api.PUT('/api/v1/roles/{role}', { params: { path: { role: String(role) } }, body: wish })),
  );

export const useRemoveRole = (role: number) =>
  useChange(() => answerOf(api.DELETE('/api/v1/roles/{role}', { params: { path: { role: String(role) } } })));
