import { Fault } from './bytes';

/**
 * A value as canonical JSON (RFC 8785): names sorted by their UTF-16 code units, no spaces, numbers and texts as
 * ECMAScript writes them, which is what the standard asks for.
 */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = value as Record<string, unknown>;
    const written = Object.keys(fields)
      .sort()
      .map((name) => `${JSON.stringify(name)}:${canonical(fields[name])}`);
    return `{${written.join(',')}}`;
  }
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Fault('JSON has no such number');
  return JSON.stringify(value);
}
