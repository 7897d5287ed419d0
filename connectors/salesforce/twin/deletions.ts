/** One deletion as the organisation's log keeps it, the record itself being gone or in the recycle bin. */
export interface Deletion {
  readonly object: string;
  readonly id: string;
  /** When it was deleted, in milliseconds since the epoch. */
  readonly at: number;
  /** The record whose deletion took this one along; itself where nothing did. */
  readonly root: string;
}

/** The organisation's log of deletions: it outlives the recycle bin, and `getDeleted` reads it. */
export interface DeletionLog {
  note(deletion: Deletion): void;
  /** Deletions of an object within `[from, to)`, in milliseconds, oldest first. */
  within(object: string, from: number, to: number): readonly Deletion[];
  /** What was deleted together with this record, its own entry first; the last deletion only. */
  together(id: string): readonly Deletion[];
  clear(): void;
}

export function createDeletionLog(): DeletionLog {
  let entries: Deletion[] = [];
  return {
    note: (deletion) => {
      entries.push(deletion);
    },
    within: (object, from, to) =>
      entries
        .filter((each) => each.object === object && each.at >= from && each.at < to)
        .toSorted((left, right) => left.at - right.at),
    together: (id) => {
      const last = entries.findLast((each) => each.id === id);
      if (last === undefined) return [];
      const along = entries.filter(
        (each) => each.root === id && each.id !== id && each.at >= last.at,
      );
      return [last, ...along];
    },
    clear: () => {
      entries = [];
    },
  };
}
