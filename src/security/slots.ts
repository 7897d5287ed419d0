/** Lets so many pieces of work run at a time; the others wait in order. */
export interface Slots {
  /** With `first` the work goes before everybody who waits without it. */
  run<T>(work: () => Promise<T>, options?: { readonly first?: boolean }): Promise<T>;
}

/** `most` pieces of work at a time. */
export function createSlots(most: number): Slots {
  const hurried: (() => void)[] = [];
  const waiting: (() => void)[] = [];
  let free = most;
  return {
    run: async (work, { first = false } = {}) => {
      if (free > 0) free -= 1;
      // A slot is handed on, never freed in between, so nobody who comes later overtakes.
      else await new Promise<void>((resolve) => (first ? hurried : waiting).push(resolve));
      try {
        return await work();
      } finally {
        const next = hurried.shift() ?? waiting.shift();
        if (next === undefined) free += 1;
        else next();
      }
    },
  };
}
