import { compareValues, type Scope, type Tuple } from './suiteql-compile.ts';
import { compileGrouped } from './suiteql-group.ts';
import type { Select } from './suiteql-parse.ts';

export type Groups = readonly (readonly Tuple[])[];

/** Rows that the ORDER BY leaves equal, moved on by `by` places: their order differs from page to page. */
function shuffled(
  groups: Groups,
  compare: (a: readonly Tuple[], b: readonly Tuple[]) => number,
  by: number,
): Groups {
  const found: (readonly Tuple[])[] = [];
  for (let from = 0; from < groups.length;) {
    const first = groups[from] ?? [];
    let to = from + 1;
    while (to < groups.length && compare(first, groups[to] ?? []) === 0) to += 1;
    const turn = by % (to - from);
    found.push(...groups.slice(from + turn, to), ...groups.slice(from, from + turn));
    from = to;
  }
  return found;
}

/** Sorts as asked. On later pages rows of equal keys stand in another order than before, as at the vendor. */
export function ordered(groups: Groups, select: Select, scope: Scope, page: number): Groups {
  const keys = select.orderBy.map(({ expression, descending }) => {
    const aliased =
      expression.kind === 'column' && expression.source === null
        ? select.items.find((item) => item.alias === expression.name)?.expression
        : undefined;
    return { ...compileGrouped(aliased ?? expression, scope), sign: descending ? -1 : 1 };
  });
  const compare = (left: readonly Tuple[], right: readonly Tuple[]): number => {
    for (const key of keys) {
      const [a, b] = [key.get(left), key.get(right)];
      // Oracle puts nulls last in ascending order.
      const order =
        a === null || b === null
          ? Number(a === null) - Number(b === null)
          : compareValues(a, b, key.type);
      if (order !== 0) return order * key.sign;
    }
    return 0;
  };
  const sorted = groups.toSorted(compare);
  return page === 0 ? sorted : shuffled(sorted, compare, page);
}
