/** Lets so many pieces of work run at a time; the others wait in order. */
export interface Slots {
  run<T>(work: () => Promise<T>): Promise<T>;
}

/** `most` pieces of work at a time. */
export function createSlots(most: number): Slots {
  const waiting: (() => void)[] = [];
  let free = most;
  return {
    run: async (work) => {
      if (free > 0) free -= 1;
      // A slot is handed on, never freed in between, so nobody who comes later overtakes.
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        if (next === undefined) free += 1;
        else next();
      }
    },
  };
}
