import { useMutation, useQueryClient } from '@tanstack/react-query';
import { answerOf, api, type Schemas } from '@/api/client';
import { usePages } from '@/api/pages';

export type ProvisioningKey = Schemas['ProvisioningKey'];

const KEY = ['provisioning-keys'] as const;
const PAGE = 100;

/** Newest first; the platform pages them by offset. */
export const useProvisioningKeys = () =>
  usePages(KEY, async (cursor) => {
    const offset = Number(cursor ?? 0);
    const query = { limit: PAGE, offset };
    const { provisioning_keys: keys } = await answerOf(api.GET('/api/v1/provisioning-keys', { params: { query } }));
    return { items: keys, next: keys.length < PAGE ? null : String(offset + PAGE) };
  });

export function useCreateProvisioningKey() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (wish: Schemas['ProvisioningKeyWish']) =>
      answerOf(api.POST('/api/v1/provisioning-keys', { body: wish })),
    onSuccess: () => queries.invalidateQueries({ queryKey: KEY }),
    gcTime: 0,
  });
}

export function useRevokeProvisioningKey() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (key: number) => answerOf(api.DELETE('/api/v1/provisioning-keys/{key}', { params: { path: { key } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: KEY }),
  });
}
