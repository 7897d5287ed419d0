import { RemoteRejected } from '../kernel/errors.ts';
import type { ReadBackRecord } from '../sdk/write.ts';

/** So many refusals, and nothing shown: it is not about the records, and the others need not be asked for. */
const MOST_REFUSED = 10;

/** What the other system shows of some records, and which of them it refuses to show. */
export interface ReadHeld<T> {
  readonly held: readonly ReadBackRecord[];
  readonly refused: ReadonlyMap<T, RemoteRejected>;
  /** What was not asked for, because nothing of so many was shown. */
  readonly unasked: readonly T[];
}

/**
 * Reads what the other system holds of a batch. Where it refuses the batch, halves of it are asked for, down to each record
 * alone, so that one that cannot be read holds up no other. Every other failure is thrown.
 */
export async function readHeld<T>(
  all: readonly T[],
  ask: (part: readonly T[]) => Promise<readonly ReadBackRecord[]>,
): Promise<ReadHeld<T>> {
  const held: ReadBackRecord[] = [];
  const refused = new Map<T, RemoteRejected>();
  const unasked: T[] = [];
  let isShown = false;
  const parts = [all];
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    if (!isShown && refused.size >= MOST_REFUSED) {
      unasked.push(...part);
      continue;
    }
    try {
      held.push(...(await ask(part)));
      isShown = true;
    } catch (error) {
      if (!(error instanceof RemoteRejected)) throw error;
      const half = Math.ceil(part.length / 2);
      const [alone, ...others] = part;
      if (others.length > 0) parts.push(part.slice(half), part.slice(0, half));
      else if (alone !== undefined) refused.set(alone, error);
    }
  }
  return { held, refused, unasked };
}
