import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answerOf, api, type Schemas } from '@/api/client';
import { rows } from './branches';

export type Group = Schemas['Group'];
export type GroupBranch = Schemas['GroupBranch'];
export type NewGroup = Schemas['NewGroup'];

const KEY = ['groups'] as const;
/** Members that a dialog shows at once. */
const SHOWN = 200;
const EXAMPLES = 5;

/** All groups that the caller may see, as trees with their totals. */
export function useGroupTree() {
  return useQuery({
    queryKey: [...KEY, 'tree'],
    queryFn: () => answerOf(api.GET('/api/v1/groups/tree')),
    refetchInterval: 10_000,
  });
}

const of = (group: number) => ({ path: { group: String(group) } });

export function useGroupDevices(group: number) {
  return useQuery({
    queryKey: [...KEY, 'devices', group],
    queryFn: () =>
      answerOf(api.GET('/api/v1/groups/{group}/devices', { params: { ...of(group), query: { limit: SHOWN } } })),
    refetchInterval: 10_000,
  });
}

/** Some of the devices that a filter accepts; a filter that cannot be read is the failure. */
export function useFilterPreview(filter: string) {
  return useQuery({
    queryKey: [...KEY, 'preview', filter],
    queryFn: () => answerOf(api.GET('/api/v1/admin/devices', { params: { query: { filter, limit: EXAMPLES } } })),
    enabled: filter.trim() !== '',
    placeholderData: keepPreviousData,
    retry: false,
  });
}

function useChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  const queries = useQueryClient();
  return useMutation({ mutationFn: change, onSuccess: () => queries.invalidateQueries({ queryKey: KEY }) });
}

export const useCreateGroup = () => useChange((wish: NewGroup) => answerOf(api.POST('/api/v1/groups', { body: wish })));

export const useChangeGroup = (group: number) =>
  useChange((wish: NewGroup) => answerOf(api.PUT('/api/v1/groups/{group}', { params: of(group), body: wish })));

export const useDeleteGroup = (group: number) =>
  useChange(() => answerOf(api.DELETE('/api/v1/groups/{group}', { params: of(group) })));

export const useAddMember = (group: number) =>
  useChange((device: string) =>
    answerOf(
      api.PUT('/api/v1/groups/{group}/members/{device}', { params: { path: { group: String(group), device } } }),
    ),
  );

export const useRemoveMember = (group: number) =>
  useChange((device: string) =>
    answerOf(
      api.DELETE('/api/v1/groups/{group}/members/{device}', { params: { path: { group: String(group), device } } }),
    ),
  );

/** What a group is called, by its number as scopes have it; a name stays what it is. */
export function useGroupNames(): (group: string) => string {
  const all = rows(useGroupTree().data?.groups ?? []);
  return (group) => all.find((row) => String(row.group.id) === group)?.group.name ?? group;
}
