import type { JsonObject } from '../../kernel/hash.ts';
import { isMembers } from './match-filter.ts';
import type { Filter, PatchPath } from './parse-filter.ts';
import { scimError } from './scim-error.ts';

/** Looks at a value that one request may cost, about a second's work: nobody else is answered while it goes on. */
const MOST_LOOKS = 2_000_000;

/** What the operations of one request have cost so far. */
export interface PatchWork {
  /** Throws tooMany when an operation on a list of so many values would cost more than is left. */
  spend(target: PatchPath, values: number): void;
}

/** A thousand operations, each with a hundred comparisons on 50,000 members, would keep the process busy for minutes. */
export function createPatchWork(): PatchWork {
  let left = MOST_LOOKS;
  return {
    spend: ({ path, filter }, values) => {
      // Members are a set: one that is named, by its value alone, costs nothing to find.
      const isNamed = isMembers(path, 'Groups') && (filter === null || isOneValue(filter));
      left -= isNamed ? 1 : values * (1 + (filter === null ? 0 : comparisonsIn(filter)));
      if (left >= 0) return;
      throw scimError(
        400,
        'tooMany',
        'The operations compare too many values. Send them in several requests, or name the values.',
      );
    },
  };
}

/** True if the filter asks for one value of a list by the value itself. */
export function isOneValue(
  filter: Filter,
): filter is Extract<Filter, { kind: 'compare' }> & { readonly operator: 'eq' } {
  return filter.kind === 'compare' && filter.operator === 'eq' && filter.path.name === 'value';
}

function comparisonsIn(filter: Filter): number {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return comparisonsIn(filter.left) + comparisonsIn(filter.right);
    case 'not':
    case 'some':
      return comparisonsIn(filter.inner);
    case 'present':
    case 'compare':
      return 1;
  }
}

/** How many values the attribute of a path holds; 1 for what is no list. */
export function valuesIn(base: JsonObject, { path }: PatchPath): number {
  const value = base[path.name ?? ''];
  return Array.isArray(value) ? value.length : 1;
}
