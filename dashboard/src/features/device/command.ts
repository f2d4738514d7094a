/** The command that a form means; `null` when its parameters are no JSON object or it names no command. */
export function commandFrom(type: string, parameters: string): { type: string; parameters: Record<string, unknown> } | null {
  const name = type.trim();
  if (name === '') return null;
  if (parameters.trim() === '') return { type: name, parameters: {} };
  try {
    const parsed: unknown = JSON.parse(parameters);
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return null;
    return { type: name, parameters: parsed as Record<string, unknown> };
  } catch {
    return null;
  }
}
