import { ValidationError } from '../kernel/errors.ts';

/** A seeded source of choices: the same seed and the same questions give the same answers. */
export interface Prng {
  /** In `[0, 1)`. */
  next(): number;
  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number;
  /** True with the given probability. */
  chance(probability: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
  shuffle<Item>(items: readonly Item[]): Item[];
  /** Up to `count` different items, in random order. */
  sample<Item>(items: readonly Item[], count: number): Item[];
  /** A stream of its own for one topic, so that a change in one topic leaves the others as they were. */
  fork(topic: string): Prng;
}

/** FNV-1a over the topic's UTF-16 units, started from the parent's seed. */
function seedOf(seed: number, topic: string): number {
  let hash = (seed ^ 0x811c9dc5) >>> 0;
  for (let at = 0; at < topic.length; at += 1) {
    hash = Math.imul(hash ^ topic.charCodeAt(at), 0x01000193) >>> 0;
  }
  return hash;
}

/** mulberry32: 32 bits of state, good enough for made-up companies, the same on every machine. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Creates the source of choices of one seed. Throws ValidationError on a seed that is not a whole number. */
export function createPrng(seed: number): Prng {
  if (!Number.isSafeInteger(seed)) {
    throw new ValidationError(`The seed ${seed} is not a whole number. Give one such as 1.`);
  }
  const next = mulberry32(seed);
  const int = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  const shuffle = <Item>(items: readonly Item[]): Item[] =>
    items
      .map((item) => ({ item, rank: next() }))
      .toSorted((left, right) => left.rank - right.rank)
      .map(({ item }) => item);
  return {
    next,
    int,
    shuffle,
    chance: (probability) => next() < probability,
    pick: (items) => {
      const item = items[int(0, items.length - 1)];
      if (item === undefined) throw new ValidationError('There is nothing to pick from.');
      return item;
    },
    sample: (items, count) => shuffle(items).slice(0, Math.max(0, count)),
    fork: (topic) => createPrng(seedOf(seed, topic)),
  };
}
