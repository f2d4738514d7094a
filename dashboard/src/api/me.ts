import { useQuery } from '@tanstack/react-query';
import { answerOf, api, type Schemas } from './client';
import { useSession } from './session';

export type Me = Schemas['Me'];

/** The permissions that the dashboard asks for by name; the platform may know more. */
export const PERMISSIONS = [
  'devices:read',
  'devices:write',
  'credentials:write',
  'telemetry:read',
  'telemetry:write',
  'configurations:write',
  'commands:send',
  'rules:read',
  'rules:write',
  'organizations:read',
  'organizations:write',
  'users:read',
  'users:write',
  'tokens:read',
  'tokens:write',
  'audit:read',
  'alerts:read',
  'alerts:write',
  'channels:read',
  'channels:write',
  'firmware:read',
  'firmware:write',
  'firmware_keys:write',
  'rollouts:write',
  'rollouts:approve',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

export const ME = ['me'] as const;

/** Who is signed in, as the platform sees it. Asked again now and then: a role may change at any time. */
export function useMe() {
  const id = useSession().session?.id;
  return useQuery({
    queryKey: [...ME, id],
    queryFn: () => answerOf(api.GET('/api/v1/auth/me')),
    enabled: id !== undefined,
    staleTime: 30_000,
    refetchInterval: 120_000,
  });
}

/** Whether the caller may do something; what he may not do is not offered. Until it is known the answer is no. */
export function useMay(): (permission: Permission) => boolean {
  const held = useMe().data?.permissions;
  return (permission) => held?.includes(permission) ?? false;
}

/** Nobody gives a permission that he does not have himself, nor changes whoever has one. */
export function useHolds(): (permissions: readonly string[]) => boolean {
  const held = useMe().data?.permissions ?? [];
  return (permissions) => permissions.every((permission) => held.includes(permission));
}

/** What the caller is called by: a user's role, or which kind of credential it is. */
export function roleWords(me: Me): string {
  if (me.user_id !== undefined) return me.role;
  return me.role === 'admin' ? 'admin credential' : 'service token';
}
