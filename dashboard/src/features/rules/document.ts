import type { Schemas } from '@/api/client';
import { isObject, type JsonObject } from '@/editor/json';

export { isObject, pretty, sameDocument } from '@/editor/json';

/** A document of the platform as it is being edited: any JSON object. What the form does not know stays as it is. */
export type Document = JsonObject;

/** As the platform keeps it, which always has a name. */
export type Rule = Schemas['Rule'] & { readonly name: string };

/** `condition.of[1].metric` as its keys; places in lists are numbers. */
export const keysOf = (path: string): readonly (string | number)[] =>
  [...path.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([word, index]) => (index === undefined ? word : Number(index)));

/** What stands at a place; undefined where there is no such place. */
export function valueAt(document: unknown, path: string): unknown {
  return keysOf(path).reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null
        ? (value as Readonly<Record<string | number, unknown>>)[key]
        : undefined,
    document,
  );
}

/** The document with another value at a place; `undefined` takes away what is there. */
export function withValue(document: Document, path: string, value: unknown): Document {
  return put(document, keysOf(path), value) as Document;
}

function put(node: unknown, keys: readonly (string | number)[], value: unknown): unknown {
  const [key, ...rest] = keys;
  if (key === undefined) return value;
  if (typeof key === 'number') {
    const list: readonly unknown[] = Array.isArray(node) ? node : [];
    const after = put(list[key], rest, value);
    return after === undefined ? list.filter((_, index) => index !== key) : Object.assign([...list], { [key]: after });
  }
  const object: Document = isObject(node) ? node : {};
  const after = put(object[key], rest, value);
  // What is changed keeps its place, so that the JSON does not jump.
  if (after !== undefined) return { ...object, [key]: after };
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));
}

export const listAt = (document: unknown, path: string): readonly unknown[] => {
  const value = valueAt(document, path);
  return Array.isArray(value) ? value : [];
};

export const textAt = (document: unknown, path: string): string => {
  const value = valueAt(document, path);
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
};

/** What the platform writes itself. */
const ITS_OWN = ['id', 'version', 'created_at', 'updated_at', 'organization_id', 'faults', 'last_fault'];

/** The part of a kept rule that is edited. */
export const editable = (rule: object): Document =>
  Object.fromEntries(Object.entries(rule).filter(([key, value]) => !ITS_OWN.includes(key) && value !== null));
