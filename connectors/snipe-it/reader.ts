import * as z from 'zod';
import { isObject, type JsonClient } from '../../src/sdk/json-client.ts';
import type { Json, JsonObject } from '../../src/sdk/kernel.ts';
import { byReadability, streamNamed, tombstone } from '../../src/sdk/read-only.ts';
import type { Page, PageToken, RecordKey, RecordsById } from '../../src/sdk/record.ts';
import { idOf, isRecord, readRow, type ReadRow } from './rows.ts';
import { STREAMS } from './streams.ts';
import { totalOf, walkOn, WalkPlace, type List, type WalkStep } from './walk.ts';

const ListToken = z.strictObject({ place: WalkPlace });
/** Seats are listed licence by licence: the one that is read, and how far. */
const SeatToken = z.strictObject({ license: z.string(), place: WalkPlace.nullable() });

export interface Reader {
  page(stream: string, after: PageToken | null, limit?: number): Promise<Page>;
  count(stream: string): Promise<number>;
  keys(stream: string): Promise<readonly RecordKey[]>;
  byIds(stream: string, ids: readonly string[]): Promise<RecordsById>;
}

const AT_ONCE = 4;

function pageOf(rows: readonly ReadRow[], next: JsonObject | null): Page {
  return {
    records: rows.filter(isRecord),
    unreadable: rows.flatMap((row) => (isRecord(row) ? [] : [row])),
    next,
  };
}

/** Reads one Snipe-IT. Every method throws the remote errors of the client. */
export function createReader(client: JsonClient, pageSize: number): Reader {
  const list = (path: string, limit = pageSize): List => ({
    client,
    path: `/api/v1/${path}`,
    // A page of one could not hold both the row that is known and the next one.
    pageSize: Math.max(2, Math.min(limit, pageSize)),
  });
  const seats = createSeatReader(list);
  const nameOf = (stream: string): string => streamNamed(STREAMS, stream, 'Snipe-IT').name;

  const page = async (stream: string, after: PageToken | null, limit?: number): Promise<Page> => {
    if (nameOf(stream) === 'licenseSeats') return seats.page(after, limit);
    const place = after === null ? null : ListToken.parse(after).place;
    const { rows, next } = await walkOn(list(stream, limit), place);
    return pageOf(rows.map((row) => readRow(stream, row)), next === null ? null : { place: next });
  }; // prettier-ignore

  const readAll = async (stream: string): Promise<readonly ReadRow[]> => {
    const all: ReadRow[] = [];
    let token: PageToken | null = null;
    do {
      const read: Page = await page(stream, token);
      all.push(...read.records, ...read.unreadable);
      token = read.next;
    } while (token !== null);
    return all;
  };

  /** Null where nothing can be said: neither a record that is there nor one that is surely gone. */
  const one = async (stream: string, id: string): Promise<ReadRow | null> => {
    const answer = await client.find(`/api/v1/${stream}/${encodeURIComponent(id)}`);
    if (answer === undefined) return tombstone(id);
    const { status, messages } = answer.body;
    // A refusal comes with status 200 too, whether the record is gone or may not be seen.
    if (status === 'error')
      return /does not exist|not found/i.test(JSON.stringify(messages ?? ''))
        ? tombstone(id)
        : null;
    const row = readRow(stream, answer.body);
    if (!isRecord(row)) return { ...row, id, outcome: 'quarantined' };
    return row.id === id ? row : null;
  };

  return {
    page,
    count: (stream) => (nameOf(stream) === 'licenseSeats' ? seats.count() : totalOf(list(stream))),
    keys: async (stream) =>
      (await readAll(nameOf(stream))).flatMap(({ id }) => (id === null ? [] : [{ id, stamp: null }])), // prettier-ignore
    byIds: async (stream, ids) => {
      if (nameOf(stream) === 'licenseSeats') {
        const found = new Map((await readAll(stream)).map((row) => [row.id, row]));
        return byReadability(ids.map((id) => found.get(id) ?? tombstone(id)));
      }
      const rows: ReadRow[] = [];
      for (let at = 0; at < ids.length; at += AT_ONCE)
        rows.push(...(await Promise.all(ids.slice(at, at + AT_ONCE).map((id) => one(stream, id)))).flatMap((each) => each ?? [])); // prettier-ignore
      return byReadability(rows);
    },
  };
}

/** The seats of every licence, one licence after the other in the order of their numbers. */
function createSeatReader(list: (path: string, limit?: number) => List) {
  const licences = async (): Promise<readonly Json[]> => {
    const all: Json[] = [];
    let place: WalkPlace | null = null;
    do {
      const read: WalkStep = await walkOn(list('licenses'), place);
      all.push(...read.rows);
      place = read.next;
    } while (place !== null);
    return all.filter((row) => idOf(row) !== null);
  };
  /** Asked for at the start of a read, and again by a session that takes over in its middle. */
  let known: readonly Json[] | null = null;
  const page = async (after: PageToken | null, limit?: number): Promise<Page> => {
    if (after === null || known === null) known = await licences();
    const token = after === null ? null : SeatToken.parse(after);
    const at = known.findIndex((row) => BigInt(idOf(row) ?? '0') >= BigInt(token?.license ?? '0'));
    const licence = known[at];
    const id = idOf(licence ?? null);
    if (licence === undefined || id === null) return pageOf([], null);
    const place = token?.license === id ? token.place : null;
    const { rows, next } = await walkOn(list(`licenses/${id}/seats`, limit), place);
    const license_name = isObject(licence) ? (licence['name'] ?? null) : null;
    const more = { license_id: Number(id), license_name };
    const read = rows.map((row) => readRow('licenseSeats', row, more));
    const following = idOf(known[at + 1] ?? null);
    if (next !== null) return pageOf(read, { license: id, place: next });
    return pageOf(read, following === null ? null : { license: following, place: null });
  };
  return {
    page,
    /** Each licence says how many seats it has, which is not the list of them. */
    count: async (): Promise<number> =>
      (await licences()).reduce<number>((sum, row) => sum + Number(isObject(row) ? (row['seats'] ?? 0) : 0), 0), // prettier-ignore
  };
}
