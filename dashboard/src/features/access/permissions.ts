/** What one permission is about, such as `devices`, and what it lets somebody do with it. */
export interface Subject {
  readonly subject: string;
  readonly permissions: readonly string[];
}

const ORDER = ['read', 'write', 'send', 'erase'];

/** Permissions by what they are about; reading comes before writing. */
export function subjects(permissions: Iterable<string>): Subject[] {
  const found = new Map<string, string[]>();
  for (const permission of new Set(permissions)) {
    const subject = permission.split(':')[0]!;
    found.set(subject, [...(found.get(subject) ?? []), permission]);
  }
  return [...found]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([subject, its]) => ({ subject, permissions: its.sort((a, b) => rank(a) - rank(b) || a.localeCompare(b)) }));
}

export const verbOf = (permission: string) => permission.slice(permission.indexOf(':') + 1);

function rank(permission: string) {
  const at = ORDER.indexOf(verbOf(permission));
  return at < 0 ? ORDER.length : at;
}

/** Permissions in few words: `devices read, write · audit read`. */
export const inWords = (permissions: readonly string[]) =>
  subjects(permissions)
    .map(({ subject, permissions: its }) => `${subject} ${its.map(verbOf).join(', ')}`)
    .join(' · ');

/** One more or one fewer. */
export const toggled = (chosen: readonly string[], permission: string): string[] =>
  chosen.includes(permission) ? chosen.filter((each) => each !== permission) : [...chosen, permission].sort();
