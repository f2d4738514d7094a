import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answerOf, api, type Schemas } from '@/api/client';
import { useMay } from '@/api/me';
import { PAGE_SIZE, usePages } from '@/api/pages';
import type { Document, Rule } from './document';

export type Channel = Schemas['Channel'];
export type RuleDocument = Schemas['RuleDocument'];
export type Mode = NonNullable<RuleDocument['mode']>;
export type Trial = Schemas['RuleTrial'];
export type Replay = Schemas['RuleReplay'];
export type Replayed = Schemas['ReplayedAlert'];

const KEY = ['rules'] as const;
const one = (rule: number) => [...KEY, 'one', rule] as const;
const path = (rule: number) => ({ path: { rule: String(rule) } });

export const useRules = () =>
  usePages([...KEY, 'list'], async (cursor) => {
    const query = { limit: PAGE_SIZE, cursor };
    const { rules, next_cursor } = await answerOf(api.GET('/api/v1/rules', { params: { query } }));
    return { items: rules as Rule[], next: next_cursor };
  });

export const useRule = (rule: number | null) =>
  useQuery({
    queryKey: one(rule ?? 0),
    queryFn: async () => (await answerOf(api.GET('/api/v1/rules/{rule}', { params: path(rule!) }))) as Rule,
    enabled: rule !== null,
    // What is being edited shall not change beneath the form.
    refetchOnWindowFocus: false,
  });

/** They come with the platform, so they do not change while the page is open. */
export const useTemplates = () =>
  useQuery({
    queryKey: [...KEY, 'templates'],
    queryFn: async () => (await answerOf(api.GET('/api/v1/rules/templates'))).templates,
    staleTime: Infinity,
  });

export const useVersions = (rule: number) =>
  useQuery({
    queryKey: [...one(rule), 'versions'],
    queryFn: () => answerOf(api.GET('/api/v1/rules/{rule}/versions', { params: path(rule) })),
  });

/** A document as the platform takes it; what is wrong with it the platform says. */
const asWish = (document: Document) => document as unknown as Schemas['NewRule'];

/** Saves a draft: a new rule, or a new version of the one that was read. */
export function useSave(rule: Rule | undefined) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (document: Document) =>
      (await (rule
        ? answerOf(
            api.PUT('/api/v1/rules/{rule}', {
              params: { ...path(rule.id), header: { 'If-Match': `"${rule.version}"` } },
              body: asWish(document),
            }),
          )
        : answerOf(api.POST('/api/v1/rules', { body: asWish(document) })))) as Rule,
    onSuccess: (kept) => {
      queries.setQueryData(one(kept.id), kept);
      return queries.invalidateQueries({ queryKey: KEY });
    },
  });
}

export function useSetMode() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ rule, mode }: { readonly rule: Rule; readonly mode: Mode }) =>
      answerOf(
        api.PUT('/api/v1/rules/{rule}', {
          params: { ...path(rule.id), header: { 'If-Match': `"${rule.version}"` } },
          body: asWish({ ...rule, mode }),
        }),
      ),
    onSuccess: (kept) => queries.setQueryData(one(kept.id), kept),
    onSettled: () => queries.invalidateQueries({ queryKey: KEY }),
  });
}

export function useDeleteRule() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (rule: number) => answerOf(api.DELETE('/api/v1/rules/{rule}', { params: path(rule) })),
    onSuccess: () => queries.invalidateQueries({ queryKey: KEY }),
  });
}

/** How many alerts are counted for the list; more are `1,000+`. */
const MOST_ALERTS = 1_000;

/** Open alerts by rule, counted from the list of all that are open; null to whom may not see them. */
export function useOpenAlerts() {
  const enabled = useMay()('alerts:read');
  return useQuery({
    queryKey: ['alerts', 'by-rule'],
    queryFn: async () => {
      const query = { state: ['active', 'acknowledged'] as ('active' | 'acknowledged')[], limit: MOST_ALERTS };
      const { alerts, next_cursor } = await answerOf(api.GET('/api/v1/alerts', { params: { query } }));
      const counts = new Map<number, number>();
      for (const { rule_id } of alerts) if (rule_id !== null) counts.set(rule_id, (counts.get(rule_id) ?? 0) + 1);
      return { counts, isAll: next_cursor === null };
    },
    enabled,
    refetchInterval: 15_000,
  });
}

/** The channels that a rule can name. */
export function useChannels() {
  const enabled = useMay()('channels:read');
  return useQuery({
    queryKey: ['channels', 'choice'],
    queryFn: () => answerOf(api.GET('/api/v1/channels', { params: { query: { limit: PAGE_SIZE } } })),
    select: (answer) => answer.channels,
    enabled,
  });
}

const encoded = (document: Document) => document as unknown as RuleDocument;

export function useTest(rule: number | null) {
  return useMutation({
    mutationFn: (wish: { rule: Document; device?: string; messages: Document[]; until?: string }) => {
      const body = { ...wish, rule: encoded(wish.rule) } as Schemas['RuleTrialWish'];
      return rule === null
        ? answerOf(api.POST('/api/v1/rules/test', { body }))
        : answerOf(api.POST('/api/v1/rules/{rule}/test', { params: path(rule), body }));
    },
  });
}

export function useStartReplay(rule: number | null) {
  return useMutation({
    mutationFn: (wish: { rule: Document; start_time: string; end_time: string; devices: string[] }) => {
      const body = { ...wish, rule: encoded(wish.rule) };
      return rule === null
        ? answerOf(api.POST('/api/v1/rules/replay', { body }))
        : answerOf(api.POST('/api/v1/rules/{rule}/replay', { params: path(rule), body }));
    },
  });
}

/** How often a running replay is asked how far it is, in milliseconds. */
const EVERY = 500;

export function useReplay(replay: number | null) {
  return useQuery({
    queryKey: [...KEY, 'replay', replay],
    queryFn: () =>
      answerOf(api.GET('/api/v1/rules/replays/{replay}', { params: { path: { replay: String(replay) } } })),
    enabled: replay !== null,
    refetchInterval: (query) => (query.state.data && query.state.data.state !== 'running' ? false : EVERY),
  });
}

export const useCancelReplay = () =>
  useMutation({
    mutationFn: (replay: number) =>
      answerOf(api.DELETE('/api/v1/rules/replays/{replay}', { params: { path: { replay: String(replay) } } })),
  });
