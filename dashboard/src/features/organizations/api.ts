import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answerOf, api, type Schemas } from '@/api/client';
import { useMay } from '@/api/me';

export type Organization = Schemas['Organization'];

const KEY = ['organizations'] as const;
const PAGE = 1_000;
/** A tree is shown whole or not at all; beyond this many it would not be read anyway. */
const MOST = 10_000;

/** All organizations that the caller may see; none for who may not see any. */
export function useOrganizations() {
  const may = useMay()('organizations:read');
  return useQuery({ queryKey: KEY, queryFn: readAll, enabled: may, staleTime: 30_000 });
}

async function readAll(): Promise<readonly Organization[]> {
  const all: Organization[] = [];
  let cursor: string | undefined;
  do {
    const page = await answerOf(api.GET('/api/v1/organizations', { params: { query: { limit: PAGE, cursor } } }));
    all.push(...page.organizations);
    cursor = page.next_cursor ?? undefined;
  } while (cursor && all.length < MOST);
  return all;
}

function useChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  const queries = useQueryClient();
  return useMutation({ mutationFn: change, onSuccess: () => queries.invalidateQueries({ queryKey: KEY }) });
}

export const useCreateOrganization = () =>
  useChange((wish: Schemas['NewOrganization']) => answerOf(api.POST('/api/v1/organizations', { body: wish })));

export const useRenameOrganization = (organization: number) =>
  useChange((name: string) =>
    answerOf(
      api.PUT('/api/v1/organizations/{organization}', {
        params: { path: { organization: String(organization) } },
        body: { name },
      }),
    ),
  );

export const useRemoveOrganization = (organization: number) =>
  useChange(() =>
    answerOf(
      api.DELETE('/api/v1/organizations/{organization}', { params: { path: { organization: String(organization) } } }),
    ),
  );
