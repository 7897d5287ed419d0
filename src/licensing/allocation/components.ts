import type {
  AllocationProblem,
  DemandClass,
  Eligible,
  RightsSlice,
} from './allocation-problem.ts';
import { compareText } from '../sort.ts';

/** A part of the graph of rights and demand that nothing links with the rest, in an order that no input order changes. */
export interface Component {
  /** Indexes of the problem's slices: the first to end first, then the first granted, then by id. */
  readonly slices: readonly number[];
  /** Indexes of the problem's classes, by id. */
  readonly classes: readonly number[];
  /** Paths in the order of classes and slices. */
  readonly eligible: readonly Eligible[];
}

/** The connected components of a problem. A slice or class that no path touches is in none. */
export function componentsOf({
  slices,
  classes,
  eligible,
}: AllocationProblem): readonly Component[] {
  const above = Int32Array.from({ length: slices.length + classes.length }, (_, node) => node);
  const find = (start: number): number => {
    let node = start;
    while (above[node] !== node) {
      above[node] = above[above[node] ?? node] ?? node;
      node = above[node] ?? node;
    }
    return node;
  };
  for (const { slice, demand } of eligible) above[find(slices.length + demand)] = find(slice);
  const parts = new Map<number, Eligible[]>();
  for (const path of eligible) {
    const top = find(path.slice);
    const part = parts.get(top);
    if (part === undefined) parts.set(top, [path]);
    else part.push(path);
  }
  const sliceRank = ranks(slices, bySlice);
  const classRank = ranks(classes, (left, right) => compareText(left.id, right.id));
  const byRank = (rank: Int32Array) => (left: number, right: number) =>
    (rank[left] ?? 0) - (rank[right] ?? 0);
  return [...parts.values()]
    .map((paths) => ({
      slices: [...new Set(paths.map(({ slice }) => slice))].toSorted(byRank(sliceRank)),
      classes: [...new Set(paths.map(({ demand }) => demand))].toSorted(byRank(classRank)),
      eligible: paths.toSorted(
        (left, right) =>
          byRank(classRank)(left.demand, right.demand) ||
          byRank(sliceRank)(left.slice, right.slice) ||
          left.phase - right.phase ||
          left.rank - right.rank ||
          compareText(left.kind, right.kind),
      ),
    }))
    .toSorted((left, right) =>
      compareText(
        classes[left.classes[0] ?? 0]?.id ?? '',
        classes[right.classes[0] ?? 0]?.id ?? '',
      ),
    );
}

/** Earliest end first, open ends last, then the earliest grant, then the id. */
export function bySlice(left: RightsSlice, right: RightsSlice): number {
  return (
    compareText(left.validTo ?? '9999-99-99', right.validTo ?? '9999-99-99') ||
    compareText(left.validFrom ?? '', right.validFrom ?? '') ||
    compareText(left.id, right.id)
  );
}

function ranks<Each extends RightsSlice | DemandClass>(
  list: readonly Each[],
  order: (left: Each, right: Each) => number,
): Int32Array {
  const rank = new Int32Array(list.length);
  list
    .map((each, index) => ({ each, index }))
    .toSorted((left, right) => order(left.each, right.each))
    .forEach(({ index }, place) => {
      rank[index] = place;
    });
  return rank;
}
