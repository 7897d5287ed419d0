import { isDeepStrictEqual } from 'node:util';
import { HubError, type Json } from '../../src/sdk/kernel.ts';
import { listOn, type Directory, type ListStep, type ListToken } from './list-walk.ts';

/** Directories give 200 records an answer, or 100; a page that lands costs a commit, so that ten answers make one. */
const MOST_ANSWERS = 10;
/** A page takes in no further answer after this many characters: a group may list 50,000 members. */
const ENOUGH_CHARACTERS = 4_000_000;

/** Where a page starts and how much it may hold. */
interface Place {
  readonly path: string;
  readonly after: ListToken | null;
  /** Records at most, as far as the directory keeps to the number that it is asked for. */
  readonly limit: number;
}

export type JoinedPages = (place: Place) => Promise<ListStep>;

/** A failure after part of a page had come: the part is given, the failure when the rest is asked for. */
interface Owed {
  readonly path: string;
  readonly after: ListToken | null;
  readonly error: HubError;
}

/**
 * Joins several answers of a directory into one page. What came before a failure is a page of its own, and the failure
 * comes at its turn without another request, so that a wait that the directory names is kept.
 */
export function joinedPages(directory: Directory): JoinedPages {
  let owed: Owed | null = null;
  return async ({ path, after, limit }) => {
    const failure = owed;
    owed = null;
    if (failure?.path === path && isDeepStrictEqual(failure.after, after)) throw failure.error;
    const first = await listOn(directory, after, { path, limit });
    const rows: Json[] = [...first.rows];
    let { next, characters } = first;
    for (let answers = 1; next !== null && answers < MOST_ANSWERS; answers += 1) {
      if (rows.length >= limit || characters >= ENOUGH_CHARACTERS) break;
      try {
        const step = await listOn(directory, next, { path, limit: limit - rows.length });
        rows.push(...step.rows);
        next = step.next;
        characters += step.characters;
      } catch (error) {
        if (!(error instanceof HubError)) throw error;
        owed = { path, after: next, error };
        break;
      }
    }
    return { rows, next, characters };
  };
}
