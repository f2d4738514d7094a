import type { Organization } from './api';

/** An organization and how far it is below the caller's own. */
export interface Branch {
  readonly organization: Organization;
  readonly depth: number;
}

/** The tree from above, sisters by name. What has no parent here stands at the top, so that none is lost. */
export function branches(organizations: readonly Organization[]): Branch[] {
  const known = new Set(organizations.map(({ id }) => id));
  const below = new Map<number | null, Organization[]>();
  for (const organization of organizations) {
    const parent = organization.parent_id !== null && known.has(organization.parent_id) ? organization.parent_id : null;
    below.set(parent, [...(below.get(parent) ?? []), organization]);
  }
  const found: Branch[] = [];
  const visit = (parent: number | null, depth: number) => {
    const sisters = below.get(parent) ?? [];
    for (const organization of sisters.sort((a, b) => a.name.localeCompare(b.name))) {
      found.push({ organization, depth });
      visit(organization.id, depth + 1);
    }
  };
  visit(null, 0);
  return found;
}

/** The names from the top down to one, such as `Acme / Plant 2`. */
export function pathOf(organizations: readonly Organization[], id: number): string {
  const byId = new Map(organizations.map((organization) => [organization.id, organization]));
  const names: string[] = [];
  for (
    let at = byId.get(id);
    at && names.length < byId.size;
    at = at.parent_id === null ? undefined : byId.get(at.parent_id)
  ) {
    names.unshift(at.name);
  }
  return names.join(' / ') || String(id);
}
