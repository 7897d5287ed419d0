import type { PageToken, ReadWindow, RecordKey, SourceRecord } from '../../src/sdk/record.ts';
import { RemoteRejected, ValidationError } from '../../src/sdk/kernel.ts';
import type { NetSuiteClient } from './client.ts';
import { garbled } from './errors.ts';
import { checkedIds, chunks, moment, where } from './read-window.ts';
import { isStamp } from './stamps.ts';
import type { StreamPlan } from './stream-plan.ts';
import { countRows, MAX_ROWS, querySuiteql, quoted, STAMP_FORMAT } from './suiteql.ts';

/** Some deletions, and the place of the next ones; null after the last. */
interface Deletions {
  readonly records: readonly SourceRecord[];
  readonly next: PageToken | null;
}

/** Ids per `IN (…)`, as many as one answer has rows. */
const IDS_PER_QUERY = MAX_ROWS;

/**
 * Deletions leave the record's table at once; SuiteQL's `deletedrecord` keeps what was deleted and when. A role may be
 * kept from it: then nothing is read here, and a deletion shows at the next full read.
 */
export interface Tombstones {
  /** Up to `room` deletions of the window, from the given page token on; `next` is null after the last. */
  read(
    plan: StreamPlan,
    window: ReadWindow,
    after: PageToken | null,
    room: number,
  ): Promise<Deletions>;
  /** The keys of every deletion in the window. */
  keys(plan: StreamPlan, window: ReadWindow): Promise<readonly RecordKey[]>;
  count(plan: StreamPlan, window: ReadWindow): Promise<number>;
  /** False for a window whose deletions this role may not read. */
  areReadable(plan: StreamPlan, window: ReadWindow): Promise<boolean>;
  /** Of these ids, those that are told to have been deleted, whenever that was. */
  told(plan: StreamPlan, ids: readonly string[]): Promise<ReadonlySet<string>>;
}

/** True for a token that stands among the deletions of a window, behind its last record. */
export function isTombstoneToken(token: PageToken | null): boolean {
  return token?.['deleted'] === true;
}

function afterToken(token: PageToken | null): string | null {
  const { stamp, id } = token ?? {};
  if (stamp === undefined && id === undefined) return null;
  if (typeof stamp !== 'string' || !isStamp(stamp) || typeof id !== 'string' || !/^-?\d+$/.test(id))
    throw new ValidationError(
      'The page token of the deletions holds no key. Start the read again.',
    );
  return `((d.deleteddate = ${moment(stamp)} AND d.recordid > ${id}) OR d.deleteddate > ${moment(stamp)})`;
}

const isOf = ({ deletedAs }: StreamPlan): string =>
  `LOWER(d.type) IN (${deletedAs.map(quoted).join(', ')})`;

/** Only an incremental read asks: a full one sees for itself what is not there. */
function conditionsOf(plan: StreamPlan, window: ReadWindow): readonly string[] | null {
  if (window.mode === 'full' || window.from === null || window.to === null) return null;
  if (plan.deletedAs.length === 0) return null;
  return [
    isOf(plan),
    `d.deleteddate >= ${moment(window.from)}`,
    `d.deleteddate < ${moment(window.to)}`,
  ];
}

/**
 * A table that this role may not see does not exist for it, or is refused for want of a permission. Another refusal, such
 * as that of a column of the table, says neither: taken for an answer it would hide every deletion.
 */
function isDenied({ message, details }: RemoteRejected): boolean {
  if (details['status'] === 403 || /permission|not authorized|INSUFFICIENT/i.test(message))
    return true;
  return /(?<!for )record ['‘]deletedrecord['’] was not found/i.test(message);
}

/** Asks once whether this role sees `deletedrecord`; a refusal is an answer, an outage is not. */
export async function canReadDeletions(client: NetSuiteClient): Promise<boolean> {
  try {
    await countRows(client, `deletedrecord d WHERE d.recordid = 0`, 'look for deletions');
    return true;
  } catch (error) {
    if (error instanceof RemoteRejected && isDenied(error)) return false;
    throw error;
  }
}

async function toldDeletions(
  client: NetSuiteClient,
  plan: StreamPlan,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const told = new Set<string>();
  for (const chunk of chunks(checkedIds(ids), IDS_PER_QUERY)) {
    const conditions = where([isOf(plan), `d.recordid IN (${chunk.join(', ')})`]);
    const sql = `SELECT DISTINCT d.recordid AS id FROM deletedrecord d ${conditions}`;
    const { rows } = await querySuiteql(
      client,
      sql,
      `look up deletions of ${plan.definition.name}`,
    );
    for (const { id } of rows) if (id !== undefined) told.add(id);
  }
  return told;
}

async function readDeletions(
  client: NetSuiteClient,
  plan: StreamPlan,
  conditions: readonly string[],
  { after, room }: { readonly after: PageToken | null; readonly room: number },
): Promise<Deletions> {
  if (room === 0) return { records: [], next: { deleted: true } };
  const what = `read deletions of ${plan.definition.name}`;
  const page = await querySuiteql(
    client,
    `SELECT d.recordid AS id, TO_CHAR(d.deleteddate, ${quoted(STAMP_FORMAT)}) AS deleteddate FROM deletedrecord d ${where([...conditions, afterToken(after)])} ORDER BY d.deleteddate, d.recordid`,
    what,
    room,
  );
  const records = page.rows.map(({ id, deleteddate: stamp }): SourceRecord => {
    if (id === undefined || stamp === undefined) throw garbled(what, 'a row has no key');
    return { id, stamp, deleted: true, data: { id } };
  });
  const { id, stamp } = records.at(-1) ?? {};
  const isMore = page.hasMore && id !== undefined;
  return { records, next: isMore ? { deleted: true, id, stamp: stamp ?? '' } : null };
}

async function keysOf(read: Tombstones['read'], plan: StreamPlan, window: ReadWindow) {
  const keys: RecordKey[] = [];
  let after: PageToken | null = null;
  for (;;) {
    const { records, next }: Deletions = await read(plan, window, after, MAX_ROWS);
    keys.push(...records.map(({ id, stamp }) => ({ id, stamp })));
    if (next === null) return keys;
    after = next;
  }
}

export function createTombstones(client: NetSuiteClient): Tombstones {
  let readable: boolean | null = null;
  const isReadable = async (): Promise<boolean> => (readable ??= await canReadDeletions(client));
  const askable = async (
    plan: StreamPlan,
    window: ReadWindow,
  ): Promise<readonly string[] | null> => {
    const conditions = conditionsOf(plan, window);
    return conditions !== null && (await isReadable()) ? conditions : null;
  };
  const read: Tombstones['read'] = async (plan, window, after, room) => {
    const conditions = await askable(plan, window);
    if (conditions === null) return { records: [], next: null };
    return await readDeletions(client, plan, conditions, { after, room });
  };
  return {
    read,
    keys: (plan, window) => keysOf(read, plan, window),
    count: async (plan, window) => {
      const conditions = await askable(plan, window);
      if (conditions === null) return 0;
      const what = `count deletions of ${plan.definition.name}`;
      return await countRows(client, `deletedrecord d ${where(conditions)}`, what);
    },
    areReadable: async (plan, window) =>
      conditionsOf(plan, window) === null || (await isReadable()),
    told: async (plan, ids) => {
      const isTold = plan.deletedAs.length > 0 && (await isReadable());
      return isTold ? await toldDeletions(client, plan, ids) : new Set();
    },
  };
}
