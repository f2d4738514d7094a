import type { Mistake } from './mistakes';

/** One JSON object, whatever is in it. */
export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The order of an object's members says nothing. */
export const sameDocument = (a: unknown, b: unknown): boolean => stable(a) === stable(b);

/** JSON with the keys of objects in order. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_, node: unknown) =>
    isObject(node) ? Object.fromEntries(Object.entries(node).sort(([a], [b]) => (a < b ? -1 : 1))) : node,
  );
}

export const pretty = (value: unknown) => JSON.stringify(value, null, 2);

/** A text read as one JSON object, or where and why it is none. */
export function objectIn(text: string): { object?: JsonObject; mistake?: Mistake } {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? { object: value } : { mistake: mistakeAt(text, 0, 'Must be one JSON object.') };
  } catch (failure) {
    const message = failure instanceof Error ? failure.message : String(failure);
    return { mistake: mistakeAt(text, Number(/position (\d+)/.exec(message)?.[1] ?? 0), message) };
  }
}

/** What is wrong with a part of a JSON text, where that part stands; with what is missing, where it would belong. */
export function mistakeIn(text: string, pointer: string, message: string): Mistake {
  const places = placesIn(text);
  let path = pointer;
  while (path !== '' && !places.has(path)) path = path.slice(0, path.lastIndexOf('/'));
  return mistakeAt(text, places.get(path) ?? 0, message);
}

function mistakeAt(text: string, at: number, message: string): Mistake {
  const before = text.slice(0, at).split('\n');
  return { line: before.length, column: before[before.length - 1]!.length + 1, message, instead: '' };
}

/** Where each part of a JSON text begins, by its JSON Pointer: a member at its name, an element at itself. */
export function placesIn(text: string): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  let at = 0;
  const space = () => {
    while (at < text.length && /\s/.test(text[at]!)) at++;
  };
  const word = () => {
    const start = at++;
    while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
    at++;
    return JSON.parse(text.slice(start, at)) as string;
  };
  const members = (path: string, close: string, member: (index: number) => string) => {
    at++;
    space();
    for (let index = 0; at < text.length && text[at] !== close; index++) {
      value(`${path}/${member(index)}`);
      space();
      if (text[at] === ',') at++;
      space();
    }
    at++;
  };
  const value = (path: string) => {
    space();
    if (!places.has(path)) places.set(path, at);
    if (text[at] === '{') {
      members(path, '}', () => {
        const start = at + 1;
        const name = word().replaceAll('~', '~0').replaceAll('/', '~1');
        places.set(`${path}/${name}`, start);
        space();
        at++;
        return name;
      });
    } else if (text[at] === '[') {
      members(path, ']', String);
    } else if (text[at] === '"') {
      word();
    } else {
      while (at < text.length && !/[\s,\]}]/.test(text[at]!)) at++;
    }
  };
  try {
    value('');
  } catch {
    // No JSON: what was found until there holds.
  }
  return places;
}
