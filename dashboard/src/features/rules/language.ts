import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { answerOf, api, type Schemas } from '@/api/client';
import { useMay } from '@/api/me';
import type { Vocabulary } from '@/editor/completion';
import type { Mistake } from '@/editor/mistakes';

export type Purpose = Schemas['ExpressionPurpose'];

/** What may be written in an expression: words and, as far as the caller may know them, names of metrics. */
export function useVocabulary(purpose: Purpose = 'rule'): Vocabulary | undefined {
  const enabled = useMay()('rules:read');
  return useQuery({
    queryKey: ['rules-language', purpose],
    queryFn: () => answerOf(api.GET('/api/v1/rules/language', { params: { query: { purpose } } })),
    staleTime: 60_000,
    enabled,
  }).data;
}

/** How long somebody must have stopped typing before the platform is asked, in milliseconds. */
const PAUSE = 300;
const NONE: readonly Mistake[] = [];

/** What is wrong with an expression while it is being typed; only of the text as it is now. */
export function useMistakes(expression: string, purpose: Purpose): readonly Mistake[] {
  const settled = useSettled(expression);
  const check = useQuery({
    queryKey: ['rules-check', purpose, settled],
    queryFn: async () => {
      const body = { expression: settled, purpose };
      const { mistakes } = await answerOf(api.POST('/api/v1/rules/check', { body }));
      return mistakes.map(placed);
    },
    enabled: settled.trim() !== '',
    staleTime: Infinity,
    gcTime: 60_000,
    retry: false,
  });
  return settled === expression && settled.trim() !== '' ? (check.data ?? NONE) : NONE;
}

/** One without a place is of the whole text: it is shown at its beginning. */
const placed = ({ line, column, message, instead }: Schemas['Mistakes']['mistakes'][number]): Mistake => ({
  line: line ?? 1,
  column: column ?? 1,
  message,
  instead: instead ?? '',
});

function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    if (text === settled) return;
    const timer = setTimeout(() => setSettled(text), PAUSE);
    return () => clearTimeout(timer);
  }, [text, settled]);
  return settled;
}
