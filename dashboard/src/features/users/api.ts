import { useMutation, useQueryClient } from '@tanstack/react-query';
import { answerOf, api, type Schemas } from '@/api/client';
import { useHolds, useMe } from '@/api/me';
import { PAGE_SIZE, usePages } from '@/api/pages';
import { type Role, useRoles } from '@/features/roles/api';

export type User = Schemas['User'];

const KEY = ['users'] as const;
const of = (user: number) => ({ path: { user: String(user) } });

export const useUsers = () =>
  usePages(KEY, async (cursor) => {
    const query = { limit: PAGE_SIZE, cursor };
    const { users, next_cursor } = await answerOf(api.GET('/api/v1/users', { params: { query } }));
    return { items: users, next: next_cursor };
  });

function useUserChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  const queries = useQueryClient();
  return useMutation({ mutationFn: change, onSuccess: () => queries.invalidateQueries({ queryKey: KEY }) });
}

export const useCreateUser = () =>
  useUserChange((wish: Schemas['NewUser']) => answerOf(api.POST('/api/v1/users', { body: wish })));

export const useChangeUser = (user: number) =>
  useUserChange((wish: Schemas['UserChange']) =>
    answerOf(api.PUT('/api/v1/users/{user}', { params: of(user), body: wish })),
  );

export const useSetPassword = (user: number) =>
  useUserChange((password: string) =>
    answerOf(api.POST('/api/v1/users/{user}/password', { params: of(user), body: { password } })),
  );

export const useUnlockUser = (user: number) =>
  useUserChange(() => answerOf(api.POST('/api/v1/users/{user}/unlock', { params: of(user) })));

export const useRemoveUser = (user: number) =>
  useUserChange(() => answerOf(api.DELETE('/api/v1/users/{user}', { params: of(user) })));

/** The roles that a user of an organization can have: the built-in ones and its own. */
export const rolesFor = (roles: readonly Role[], organization: number | null) =>
  roles.filter((role) => role.id === null || role.organization_id === organization);

/** Whether the caller may change a user: he must have every permission that the user has. */
export function useMayChange(): (user: User) => boolean {
  const roles = useRoles().rows;
  const holds = useHolds();
  return (user) => {
    const role = rolesFor(roles, user.organization_id).find(({ name }) => name === user.role);
    return role !== undefined && holds(role.permissions);
  };
}

export function useIsSelf(): (user: User) => boolean {
  const self = useMe().data?.user_id;
  return (user) => user.id === self;
}
