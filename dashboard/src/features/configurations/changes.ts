import type { Change } from './api';

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What differs between two configurations, as the platform tells it: objects are looked into, all else is a whole. */
export function changesBetween(before: Json, after: Json, path = ''): Change[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((name) => {
    const at = `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const [old, next] = [before[name], after[name]];
    if (isObject(old) && isObject(next)) return changesBetween(old, next, at);
    if (name in before && name in after && canonical(old) === canonical(next)) return [];
    return [{ path: at, ...(name in before ? { before: old } : {}), ...(name in after ? { after: next } : {}) }];
  });
}

/** The same text for the same value, in whatever order its members stand. */
const canonical = (value: unknown) =>
  JSON.stringify(value, (_, part: unknown) =>
    isObject(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part,
  );
