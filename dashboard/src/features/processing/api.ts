import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answerOf, api, type Schemas } from '@/api/client';
import { useMay } from '@/api/me';
import { PAGE_SIZE, usePages } from '@/api/pages';
import type { Document } from '@/features/rules/document';

export type ProcessingRule = Schemas['ProcessingRule'];
export type TrialResult = Schemas['ProcessingTrialResult'];

const KEY = ['processing-rules'] as const;
const path = (rule: number) => ({ path: { processing_rule: String(rule) } });
const asWish = (document: Document) => document as unknown as Schemas['ProcessingRuleDocument'];

export const useProcessingRules = () =>
  usePages([...KEY, 'list'], async (cursor) => {
    const query = { limit: PAGE_SIZE, cursor };
    const answer = await answerOf(api.GET('/api/v1/processing-rules', { params: { query } }));
    return { items: answer.processing_rules, next: answer.next_cursor };
  });

/** What processing rules are called, by their ids; undefined to whom may not see them. */
export function useProcessingNames(): ReadonlyMap<number, string> | undefined {
  const enabled = useMay()('rules:read');
  const query = { limit: PAGE_SIZE };
  return useQuery({
    queryKey: [...KEY, 'names'],
    queryFn: () => answerOf(api.GET('/api/v1/processing-rules', { params: { query } })),
    select: ({ processing_rules }) => new Map(processing_rules.map(({ id, name }) => [id, name])),
    enabled,
    staleTime: 30_000,
  }).data;
}

export const useProcessingRule = (rule: number | null) =>
  useQuery({
    queryKey: [...KEY, 'one', rule],
    queryFn: () => answerOf(api.GET('/api/v1/processing-rules/{processing_rule}', { params: path(rule!) })),
    enabled: rule !== null,
    refetchOnWindowFocus: false,
  });

export function useSaveProcessingRule(rule: ProcessingRule | undefined) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (document: Document) =>
      rule
        ? answerOf(
            api.PUT('/api/v1/processing-rules/{processing_rule}', {
              params: { ...path(rule.id), header: { 'If-Match': `"${rule.version}"` } },
              body: asWish(document),
            }),
          )
        : answerOf(api.POST('/api/v1/processing-rules', { body: asWish(document) })),
    onSuccess: (kept) => {
      queries.setQueryData([...KEY, 'one', kept.id], kept);
      return queries.invalidateQueries({ queryKey: KEY });
    },
  });
}

export function useDeleteProcessingRule() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (rule: number) =>
      answerOf(api.DELETE('/api/v1/processing-rules/{processing_rule}', { params: path(rule) })),
    onSuccess: () => queries.invalidateQueries({ queryKey: KEY }),
  });
}

export const useDryRun = () =>
  useMutation({
    mutationFn: (wish: { rule: Document; device: string | null } & Partial<Document>) =>
      answerOf(api.POST('/api/v1/processing-rules/test', { body: wish as unknown as Schemas['ProcessingTrial'] })),
  });
