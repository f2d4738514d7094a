import type { GroupBranch } from './api';

/** A group and how far it stands below the root of its tree. */
export interface Row {
  readonly group: GroupBranch;
  readonly depth: number;
}

/** The trees from above, line by line. */
export function rows(trees: readonly GroupBranch[], depth = 0): Row[] {
  return trees.flatMap((group) => [{ group, depth }, ...rows(group.groups, depth + 1)]);
}

/** The numbers of a group and of all below it: where it cannot stand. */
export function within(group: GroupBranch): Set<number> {
  return new Set(rows([group]).map((row) => row.group.id));
}
