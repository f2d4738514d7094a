import type { Schemas } from '@/api/client';

/** The command that a form means; `null` when its parameters are no JSON object or it names no command. */
export function commandFrom(type: string, parameters: string): Schemas['Command'] | null {
  const name = type.trim();
  if (name === '') return null;
  if (parameters.trim() === '') return { type: name };
  try {
    const parsed: unknown = JSON.parse(parameters);
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return null;
    return { ...parsed, type: name };
  } catch {
    return null;
  }
}
