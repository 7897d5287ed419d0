import * as z from 'zod';
import { isObject, type JsonClient } from '../../src/sdk/json-client.ts';
import { RemoteUnavailable, type Json } from '../../src/sdk/kernel.ts';
import { byReadability, streamNamed, tombstone } from '../../src/sdk/read-only.ts';
import type {
  Page,
  PageToken,
  RecordKey,
  RecordsById,
  SourceRecord,
} from '../../src/sdk/record.ts';
import type { CopilotConfig } from './config.ts';
import { mergeSeats, type Seats } from './merge-seats.ts';
import { STREAMS } from './streams.ts';

/** Pages are cut from the sorted list by the last id, so another session goes on exactly there. */
const SeatToken = z.strictObject({ after: z.string() });
const PER_PAGE = 100;
/** A list that rows left or joined while it was read is read again, so often at most. */
const WALKS = 3;
export const HEADERS = {
  accept: 'application/vnd.github+json',
  'x-github-api-version': '2022-11-28',
};

export interface Reader {
  page(stream: string, after: PageToken | null, limit?: number): Promise<Page>;
  count(stream: string): Promise<number>;
  keys(stream: string): Promise<readonly RecordKey[]>;
  byIds(stream: string, ids: readonly string[]): Promise<RecordsById>;
  close(): void;
}

interface Listed {
  readonly total: number;
  readonly rows: readonly Json[];
}

/** Reads the seats of one organisation or enterprise. Every method throws the remote errors of the client. */
export function createReader(client: JsonClient, config: CopilotConfig): Reader {
  const base = config.enterprise === undefined ? `/orgs/${config.organization ?? ''}` : `/enterprises/${config.enterprise}`; // prettier-ignore
  const listed = async (page: number, perPage: number): Promise<Listed> => {
    const path = `${base}/copilot/billing/seats?page=${page}&per_page=${perPage}`;
    const { body } = await client.get(path, HEADERS);
    const { total_seats: total, seats } = body;
    if (typeof total === 'number' && Array.isArray(seats)) return { total, rows: seats };
    throw new RemoteUnavailable('GitHub gave a page of seats without total_seats and seats. Try again.'); // prettier-ignore
  };
  const billing = async (): Promise<SourceRecord> => {
    const { body } = await client.get(`${base}/copilot/billing`, HEADERS);
    const id = config.organization ?? '';
    return { id, stamp: null, deleted: false, data: { ...body, organization: id } };
  };
  let held: Seats | null = null;
  const seatsFor = async (after: PageToken | null): Promise<Seats> => {
    if (after === null || held === null) held = await readSeats(listed);
    return held;
  };
  return {
    page: async (stream, after, limit) => {
      const { name, pageSize } = streamNamed(STREAMS, stream, 'GitHub Copilot');
      if (name === 'billing') return { records: [await billing()], unreadable: [], next: null };
      const seats = await seatsFor(after);
      const from = after === null ? '' : SeatToken.parse(after).after;
      const rest = seats.records.filter(({ id }) => id > from);
      const size = Math.min(limit ?? pageSize, pageSize);
      const records = rest.slice(0, size);
      const next = rest.length > size ? { after: records.at(-1)?.id ?? '' } : null;
      if (next === null) held = null;
      return { records, unreadable: after === null ? seats.unreadable : [], next };
    },
    count: async (stream) =>
      stream === 'billing' ? [await billing()].length : (await listed(1, 1)).total,
    keys: async (stream) => {
      if (stream === 'billing') return [{ id: config.organization ?? '', stamp: null }];
      const seats = await wholeSeats(listed);
      return [...seats.records, ...seats.unreadable].flatMap(({ id }) => id === null ? [] : [{ id, stamp: null }]); // prettier-ignore
    },
    byIds: async (stream, ids) => {
      const seats = stream === 'billing' ? null : await wholeSeats(listed);
      const read = seats === null ? [await billing()] : [...seats.records, ...seats.unreadable];
      const found = new Map(read.map((row) => [row.id, row]));
      return byReadability(ids.map((id) => found.get(id) ?? tombstone(id)));
    },
    close: () => {
      held = null;
    },
  };
}

type List = (page: number, perPage: number) => Promise<Listed>;

/**
 * The whole list. Pages are numbered, so a seat that is taken away while they are read pulls another one over the edge:
 * users are told apart by id, and a list is read again if it does not come to what GitHub counts, or if GitHub's count
 * moved meanwhile, because then one that is gone may hide one that is missing. The certificate judges what is left.
 */
async function readSeats(list: List): Promise<Seats & { readonly isWhole: boolean }> {
  for (let walk = 1; ; walk += 1) {
    const { totals, rows } = await walkOnce(list);
    const seats = mergeSeats(latest(rows));
    const isWhole = totals.size === 1 && totals.has(seats.records.length + seats.unreadable.length);
    if (isWhole || walk === WALKS) return { ...seats, isWhole };
  }
}

/** The whole list, for a question that must not take what was not read for what is gone. */
async function wholeSeats(list: List): Promise<Seats> {
  const seats = await readSeats(list);
  if (seats.isWhole) return seats;
  throw new RemoteUnavailable(
    'The list of seats changes faster than it can be read, so nothing can be said of seats that are not on it. Try again.',
  );
}

interface Walk {
  /** What GitHub counted, page by page. */
  readonly totals: ReadonlySet<number>;
  readonly rows: readonly Json[];
}

async function walkOnce(list: List): Promise<Walk> {
  const totals = new Set<number>();
  const all: Json[] = [];
  for (let page = 1; ; page += 1) {
    const { total, rows } = await list(page, PER_PAGE);
    totals.add(total);
    all.push(...rows);
    if (rows.length < PER_PAGE) return { totals, rows: all };
  }
}

/** Rows that came twice because the list shifted, once: the later one of the same user and organisation. */
function latest(rows: readonly Json[]): readonly Json[] {
  const byKey = new Map<string, Json>();
  rows.forEach((row, at) => {
    const assignee = isObject(row) && isObject(row['assignee']) ? row['assignee']['id'] : undefined;
    const org = isObject(row) && isObject(row['organization']) ? row['organization']['login'] : '';
    byKey.set(assignee === undefined ? `row:${at}` : JSON.stringify([assignee, org]), row);
  });
  return [...byKey.values()];
}
