import { isObject, type JsonObject, sameDocument } from '@/editor/json';

/** The keys that lead to a value, the outermost first. */
export type Path = readonly string[];

/** A path as it is read: `valve.open`; a key that has a dot in it, or is empty, stands in quotes. */
export const pathWords = (path: Path) =>
  path.map((key) => (key === '' || /[.\s"]/.test(key) ? JSON.stringify(key) : key)).join('.');

interface Leaf {
  readonly path: Path;
  readonly value: unknown;
}

/** Every value of a document by its path, as a JSON Pointer. What is no object, or has no members, is a value. */
export function leavesOf(document: JsonObject, above: Path = []): ReadonlyMap<string, Leaf> {
  const found = new Map<string, Leaf>();
  for (const [key, value] of Object.entries(document)) {
    const path = [...above, key];
    if (isObject(value) && Object.keys(value).length > 0) {
      for (const [pointer, leaf] of leavesOf(value, path)) found.set(pointer, leaf);
    } else found.set(pointerOf(path), { path, value });
  }
  return found;
}

const pointerOf = (path: Path) => path.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

export const memberOf = (document: unknown, path: Path): unknown =>
  path.reduce<unknown>((node, key) => (isObject(node) && Object.hasOwn(node, key) ? node[key] : undefined), document);

/** The JSON Merge Patch (RFC 7396) that makes the one document of the other; empty when they are the same. */
export function patchOf(before: JsonObject, after: JsonObject): JsonObject {
  const gone = Object.keys(before).filter((key) => !Object.hasOwn(after, key));
  const changed = Object.entries(after).flatMap(([key, value]): [string, unknown][] => {
    const old = Object.hasOwn(before, key) ? before[key] : undefined;
    if (sameDocument(old, value)) return [];
    return [[key, isObject(old) && isObject(value) ? patchOf(old, value) : value]];
  });
  return Object.fromEntries([...gone.map((key): [string, unknown] => [key, null]), ...changed]);
}

/** A document with a JSON Merge Patch applied. */
export function patched(document: JsonObject, patch: JsonObject): JsonObject {
  const kept = Object.entries(document).filter(([key]) => !Object.hasOwn(patch, key));
  const set = Object.entries(patch).flatMap(([key, value]): [string, unknown][] => {
    if (value === null) return [];
    if (!isObject(value)) return [[key, value]];
    const below = Object.hasOwn(document, key) ? document[key] : undefined;
    return [[key, patched(isObject(below) ? below : {}, value)]];
  });
  return Object.fromEntries([...kept, ...set]);
}

/** Where a document has null for a value; a patch cannot set it, for it removes what is null. Within lists it may be. */
export const nullsIn = (document: JsonObject): readonly Path[] =>
  [...leavesOf(document).values()].filter(({ value }) => value === null).map(({ path }) => path);

export interface Change {
  readonly path: Path;
  /** Undefined where there was, or is, none. */
  readonly before: unknown;
  readonly after: unknown;
}

/** What became of a document, value by value, in the order of their names. */
export function changesBetween(before: JsonObject, after: JsonObject): readonly Change[] {
  const [old, next] = [leavesOf(before), leavesOf(after)];
  return [...new Set([...old.keys(), ...next.keys()])]
    .sort(byName)
    .map((pointer) => ({
      path: (next.get(pointer) ?? old.get(pointer))!.path,
      before: old.get(pointer)?.value,
      after: next.get(pointer)?.value,
    }))
    .filter(({ before: one, after: other }) => !sameDocument(one, other));
}

/** Those changes that a patch changes too. */
export const alsoIn = (changes: readonly Change[], patch: JsonObject): readonly Change[] =>
  changes.filter(({ path }) =>
    path.some((_, at) => {
      const there = memberOf(patch, path.slice(0, at + 1));
      return there !== undefined && (!isObject(there) || at === path.length - 1);
    }),
  );

/** When, and at which version of the shadow, a value was set last. */
export interface Mark {
  readonly timestamp: string;
  readonly version: number;
}

export interface Said {
  readonly value: unknown;
  readonly mark: Mark | null;
}

/** One key of a shadow: what the device says, what it shall be, and whether these differ. */
export interface Row {
  readonly pointer: string;
  readonly path: Path;
  readonly reported: Said | null;
  readonly desired: Said | null;
  readonly differs: boolean;
}

export interface ShadowDocuments {
  readonly reported: JsonObject;
  readonly desired: JsonObject;
  readonly delta: JsonObject;
  readonly metadata: { readonly reported: JsonObject; readonly desired: JsonObject };
}

/** A shadow key by key, in the order of their names. */
export function rowsOf({ reported, desired, delta, metadata }: ShadowDocuments): readonly Row[] {
  const [is, shall, differing] = [leavesOf(reported), leavesOf(desired), leavesOf(delta)];
  const said = (leaf: Leaf | undefined, marks: JsonObject): Said | null =>
    leaf ? { value: leaf.value, mark: markAt(marks, leaf.path) } : null;
  return [...new Set([...is.keys(), ...shall.keys()])].sort(byName).map((pointer) => ({
    pointer,
    path: (is.get(pointer) ?? shall.get(pointer))!.path,
    reported: said(is.get(pointer), metadata.reported),
    desired: said(shall.get(pointer), metadata.desired),
    differs: differing.has(pointer),
  }));
}

function markAt(marks: JsonObject, path: Path): Mark | null {
  const mark = memberOf(marks, path);
  return isObject(mark) && typeof mark.timestamp === 'string' && typeof mark.version === 'number'
    ? { timestamp: mark.timestamp, version: mark.version }
    : null;
}

const byName = (a: string, b: string) => a.localeCompare(b, 'en', { numeric: true });
