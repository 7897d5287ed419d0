import * as z from 'zod';
import type { JsonClient } from '../../src/sdk/json-client.ts';
import { RemoteUnavailable, type Json } from '../../src/sdk/kernel.ts';
import { idOf } from './rows.ts';

/** How far a list was read: the last number, and the place at which it stood. */
export const WalkPlace = z.strictObject({
  last: z.string().regex(/^\d+$/),
  offset: z.int().nonnegative(),
});
export type WalkPlace = z.infer<typeof WalkPlace>;

export interface WalkStep {
  readonly rows: readonly Json[];
  /** Null after the last row. */
  readonly next: WalkPlace | null;
}

interface Answer {
  readonly total: number;
  readonly rows: readonly Json[];
}

/** One list of the API, sorted by number. */
export interface List {
  readonly client: JsonClient;
  /** Such as `/api/v1/hardware`. */
  readonly path: string;
  readonly pageSize: number;
}

async function ask({ client, path }: List, offset: number, limit: number): Promise<Answer> {
  const { body } = await client.get(`${path}?limit=${limit}&offset=${offset}&sort=id&order=asc`);
  const { total, rows } = body;
  if (typeof total === 'number' && Array.isArray(rows)) return { total, rows };
  // A refusal comes with status 200 and `status: "error"`.
  throw new RemoteUnavailable(`Snipe-IT gave no list for ${path}. Check the rights of the API key, and try again.`); // prettier-ignore
}

const numberOf = (row: Json): bigint => BigInt(idOf(row) ?? '0');

/** How many records the list has. */
export async function totalOf(list: List): Promise<number> {
  return (await ask(list, 0, 1)).total;
}

/**
 * The next rows of a list that is paged by offset (F-31). Each page begins with the last row of the one before. Where that
 * row has moved forward, because rows before it were deleted, the page is asked for again further ahead, so no row is
 * passed over; a row that comes twice is left out by its number. New rows stand at the end.
 */
export async function walkOn(list: List, place: WalkPlace | null): Promise<WalkStep> {
  if (place === null) {
    const answer = await ask(list, 0, list.pageSize);
    return step(answer, answer.rows, 0);
  }
  const last = BigInt(place.last);
  for (let offset = place.offset; ; offset = Math.max(0, offset - list.pageSize + 1)) {
    const answer = await ask(list, offset, list.pageSize);
    const [first] = answer.rows;
    // Behind the end, or with a first row that is not the one we know: look further ahead.
    const isAhead = first === undefined || numberOf(first) > last;
    if (isAhead && offset > 0) continue;
    const rows = answer.rows.filter((row) => idOf(row) === null || numberOf(row) > last);
    return step(answer, rows, offset);
  }
}

/** The server may give fewer rows than were asked for: only its own total says where the list ends. */
function step({ total, rows: asked }: Answer, rows: readonly Json[], offset: number): WalkStep {
  const lastNumber = asked.findLast((row) => idOf(row) !== null);
  if (lastNumber === undefined || offset + asked.length >= total) return { rows, next: null };
  const at = asked.lastIndexOf(lastNumber);
  return { rows, next: { last: idOf(lastNumber) ?? '0', offset: offset + at } };
}
