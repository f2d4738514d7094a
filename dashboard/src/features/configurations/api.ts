import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answerOf, api, type Schemas } from '@/api/client';
import { PAGE_SIZE, usePages } from '@/api/pages';
import { Problem } from '@/api/problem';
import { deviceKeys } from '@/features/devices/api';

export type Version = Schemas['ConfigurationVersionSummary'];
export type Change = Schemas['ConfigurationDiff']['changes'][number];

type Json = Record<string, never>;

/** Whose configuration it is: one device's, a type's in an organization (the caller's own without one), a group's. */
export type Owner =
  { readonly device: string } | { readonly type: string; readonly organization?: number } | { readonly group: number };
/** What its devices share, so that a change of it is a change of many. */
export type SharedOwner = Exclude<Owner, { readonly device: string }>;

const isDevice = (owner: Owner): owner is { readonly device: string } => 'device' in owner;

const target = (owner: SharedOwner) =>
  'type' in owner
    ? { target: `type:${owner.type}`, organization_id: owner.organization }
    : { target: `group:${owner.group}` };

const keys = (owner: Owner) =>
  isDevice(owner)
    ? ([...deviceKeys.one(owner.device), 'configurations'] as const)
    : (['configurations', target(owner)] as const);

/** Its versions, the newest first. */
export const useVersions = (owner: Owner) =>
  usePages([...keys(owner), 'versions'], async (cursor) => {
    const page = { limit: PAGE_SIZE, cursor };
    const { versions, next_cursor } = await answerOf(
      isDevice(owner)
        ? api.GET('/api/v1/devices/{device}/configurations', { params: { path: owner, query: page } })
        : api.GET('/api/v1/configurations', { params: { query: { ...target(owner), ...page } } }),
    );
    return { items: versions, next: next_cursor };
  });

/** What differs between two versions; 0 is an empty one. */
export const useDiff = (owner: Owner, from: number, to: number) =>
  useQuery({
    queryKey: [...keys(owner), 'diff', from, to],
    queryFn: () =>
      answerOf(
        isDevice(owner)
          ? api.GET('/api/v1/devices/{device}/configurations/diff', { params: { path: owner, query: { from, to } } })
          : api.GET('/api/v1/configurations/diff', { params: { query: { ...target(owner), from, to } } }),
      ),
  });

/** The values of one version, by key. */
export const useValues = (owner: SharedOwner, version: number | null) =>
  useQuery({
    queryKey: [...keys(owner), 'version', version],
    queryFn: async () => {
      const query = { ...target(owner), version: version! };
      const { configuration } = await answerOf(api.GET('/api/v1/configurations/version', { params: { query } }));
      return Object.fromEntries(Object.entries(configuration).map(([key, entry]) => [key, entry.value]));
    },
    enabled: version !== null,
    staleTime: Infinity,
  });

function useChange<Input, Output>(owner: Owner, change: (input: Input) => Promise<Output>) {
  const queries = useQueryClient();
  const changed = isDevice(owner) ? deviceKeys.one(owner.device) : keys(owner);
  return useMutation({ mutationFn: change, onSuccess: () => queries.invalidateQueries({ queryKey: changed }) });
}

/** Makes what stands in a version active: a draft itself, an older one as a new version. */
export const useActivate = (owner: Owner) =>
  useChange(owner, ({ version, state }: Version) =>
    answerOf(
      isDevice(owner)
        ? state === 'draft'
          ? api.POST('/api/v1/devices/{device}/configurations/{version}/activate', {
              params: { path: { ...owner, version } },
            })
          : api.POST('/api/v1/devices/{device}/configurations/rollback', {
              params: { path: owner },
              body: { version },
            })
        : state === 'draft'
          ? api.POST('/api/v1/configurations/activate', { params: { query: { ...target(owner), version } } })
          : api.POST('/api/v1/configurations/rollback', { params: { query: target(owner) }, body: { version } }),
    ),
  );

interface NewVersion {
  readonly configuration: Record<string, unknown>;
  readonly note: string;
  readonly activate: boolean;
  /** The version that is active as far as the writer knows; 0 for none. */
  readonly active: number;
}

export const useCreate = (owner: SharedOwner) =>
  useChange(owner, ({ configuration, note, activate, active }: NewVersion) =>
    answerOf(
      api.POST('/api/v1/configurations', {
        params: { query: target(owner), header: { 'If-Match': `"${active}"` } },
        // What the document leaves open is typed as nothing.
        body: { configuration: configuration as Json, activate, ...(note === '' ? {} : { note }) },
      }),
    ),
  );

/** No version is active any more. */
export const useDeactivate = (owner: SharedOwner) =>
  useChange(owner, () => answerOf(api.POST('/api/v1/configurations/deactivate', { params: { query: target(owner) } })));

type TypeOwner = Extract<Owner, { readonly type: string }>;
const schemaOf = ({ type, organization }: TypeOwner) => ({ device_type: type, organization_id: organization });
const schemaKey = (owner: TypeOwner) => ['configurations', 'schema', schemaOf(owner)] as const;

/** What configurations of a type must be like; null when there is no schema. */
export const useSchema = (owner: TypeOwner) =>
  useQuery({
    queryKey: schemaKey(owner),
    queryFn: async () => {
      try {
        return await answerOf(api.GET('/api/v1/configurations/schema', { params: { query: schemaOf(owner) } }));
      } catch (failure) {
        if (failure instanceof Problem && failure.status === 404) return null;
        throw failure;
      }
    },
  });

/** Sets the schema; `null` deletes it. */
export function useSetSchema(owner: TypeOwner) {
  const queries = useQueryClient();
  const params = { query: schemaOf(owner) };
  return useMutation({
    mutationFn: async (schema: Record<string, unknown> | null) =>
      schema === null
        ? void (await answerOf(api.DELETE('/api/v1/configurations/schema', { params })))
        : void (await answerOf(api.PUT('/api/v1/configurations/schema', { params, body: { schema: schema as Json } }))),
    onSuccess: () => queries.invalidateQueries({ queryKey: schemaKey(owner) }),
  });
}
