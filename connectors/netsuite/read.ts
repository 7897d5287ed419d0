import { setTimeout as delay } from 'node:timers/promises';
import type { ConnectorSession } from '../../src/sdk/define-connector.ts';
import type {
  Page,
  PageOptions,
  PageToken,
  ReadWindow,
  RecordKey,
  RecordsById,
} from '../../src/sdk/record.ts';
import { ValidationError } from '../../src/sdk/kernel.ts';
import { tombstone } from '../../src/sdk/read-only.ts';
import type { NetSuiteClient } from './client.ts';
import type { Config } from './config.ts';
import { garbled } from './errors.ts';
import { createSelect, landRows, type SelectRows } from './read-rows.ts';
import { afterToken, checkedIds, chunks, inWindow, planOf, where } from './read-window.ts';
import { readClock, type SourceClock } from './clock.ts';
import { daysBefore, isStamp, windowStart } from './stamps.ts';
import { createTombstones, isTombstoneToken, type Tombstones } from './tombstones.ts';
import type { StreamPlan } from './stream-plan.ts';
import { countRows, MAX_ROWS, PAGE_ROWS, type SuiteqlPage, type SuiteqlRow } from './suiteql.ts';

/** The reading half of a session, as far as this vendor answers more surely than every vendor can. */
export interface Reader extends Pick<ConnectorSession, 'openWindow' | 'readPage' | 'readByIds'> {
  countWindow(stream: string, window: ReadWindow): Promise<number>;
  listKeys(stream: string, window: ReadWindow): Promise<readonly RecordKey[]>;
  /** Keys that one answer holds. */
  readonly keysPerAnswer: number;
  deletionsOf(stream: string, ids: readonly string[]): Promise<ReadonlySet<string>>;
  caveatsOf(stream: string, window: ReadWindow): Promise<readonly string[]>;
}

function nextToken(plan: StreamPlan, page: SuiteqlPage): PageToken | null {
  if (!page.hasMore) return null;
  const { id, [plan.stamp]: stamp } = page.rows.at(-1) ?? {};
  const isKeyset = plan.definition.cursor === 'keyset';
  if (id === undefined || (isKeyset && stamp === undefined))
    throw garbled(`read ${plan.definition.name}`, 'its last row has no key to go on from');
  return isKeyset ? { stamp: stamp ?? '', id } : { id };
}

/**
 * Ids among `ids` that the account still holds. A row that is not delivered though its id is listed has not been
 * deleted, so it is no tombstone.
 */
async function existing(
  select: SelectRows,
  plan: StreamPlan,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await select(
    [{ sql: 't.id', name: 'id' }],
    `FROM ${plan.table} t ${where([plan.filter, `t.id IN (${ids.join(', ')})`])}`,
    `look up ${plan.definition.name}`,
  );
  return new Set(rows.flatMap((row) => row['id'] ?? []));
}

async function readChunk(
  select: SelectRows,
  plan: StreamPlan,
  ids: readonly string[],
): Promise<RecordsById> {
  const page = await select(
    plan.columns,
    `FROM ${plan.table} t ${plan.joins} ${where([plan.filter, `t.id IN (${ids.join(', ')})`])} ORDER BY t.id`,
    `read ${plan.definition.name} by id`,
  );
  const landed = await landRows(select, plan, page.rows);
  const records = landed.flatMap((one) => (one.kind === 'record' ? [one.record] : []));
  const unreadable = landed.flatMap((one) => (one.kind === 'unreadable' ? [one.unreadable] : []));
  const missing = ids.filter((id) => page.rows.every((row) => row['id'] !== id));
  if (missing.length === 0) return { records, unreadable };
  const still = await existing(select, plan, missing);
  const gone = missing.filter((id) => !still.has(id));
  return { records: [...records, ...gone.map(tombstone)], unreadable };
}

const LOOK_AGAIN_MS = 200;
const LOOKS = 10;

/**
 * Where a window ends. Stamps are whole seconds and the end is exclusive, so an end in a second in which something has
 * changed already would leave that change to a next read that nobody may ask for: then the next second is waited for.
 */
async function windowEnd(client: NetSuiteClient, plan: StreamPlan): Promise<SourceClock> {
  const clock = await readClock(client);
  const since = { mode: 'incremental', from: clock.now, to: null } as const;
  if ((await countLive(client, plan, since)) === 0) return clock;
  for (let look = 0; look < LOOKS; look += 1) {
    await delay(LOOK_AGAIN_MS);
    const later = await readClock(client);
    if (later.now !== clock.now) return later;
  }
  return clock;
}

/** The hour that the account's wall clock shows twice when daylight saving ends, in seconds. */
const REPEATED_SECONDS = 3600;

async function openWindow(
  client: NetSuiteClient,
  config: Config,
  stream: string,
  since: string | null,
): Promise<ReadWindow> {
  const plan = planOf(stream);
  if (plan.definition.cursor === 'full') return { mode: 'full', from: null, to: null };
  const clock = await windowEnd(client, plan);
  const to = clock.now;
  const stampsRepeat = REPEATED_SECONDS;
  if (since === null) {
    if (!plan.isLog) return { mode: 'full', from: null, to, stampsRepeat };
    return { mode: 'incremental', from: daysBefore(to, config.historyDays), to, stampsRepeat };
  }
  if (!isStamp(since))
    throw new ValidationError(`"${since}" is not a NetSuite change stamp. Read ${stream} in full.`);
  // The source's clock may stand before `since` in the repeated hour; the window then ends there.
  const from = windowStart(since < to ? since : to, config, clock);
  return { mode: 'incremental', from, to, stampsRepeat };
}

const NO_DELETIONS =
  'Deletions not provable: the role may not see deleted records, so they show at the next full read or weekly proof. ' +
  'Give it the permission Setup > Deleted Records.';

interface Sources {
  readonly select: SelectRows;
  readonly tombstones: Tombstones;
}

interface Rows {
  readonly rows: readonly SuiteqlRow[];
  readonly next: PageToken | null;
}

/** The rows after a place, by as many answers as a page takes. Keys go on from answer to answer, so none is lost. */
async function readRows(
  select: SelectRows,
  plan: StreamPlan,
  place: { readonly window: ReadWindow; readonly after: PageToken | null; readonly most: number },
): Promise<Rows> {
  const rows: SuiteqlRow[] = [];
  let next = place.after;
  do {
    const condition = where([...inWindow(plan, place.window), afterToken(plan, next)]);
    const order = plan.definition.cursor === 'full' ? 't.id' : `t.${plan.stamp}, t.id`;
    const answer = await select(
      plan.columns,
      `FROM ${plan.table} t ${plan.joins} ${condition} ORDER BY ${order}`,
      `read ${plan.definition.name}`,
      Math.min(place.most - rows.length, MAX_ROWS),
    );
    rows.push(...answer.rows);
    next = nextToken(plan, answer);
  } while (next !== null && rows.length < place.most);
  return { rows, next };
}

/** A page of records; deletions of the window follow the last of them, on the same page where there is room. */
async function readPage(
  { select, tombstones }: Sources,
  stream: string,
  window: ReadWindow,
  after: PageToken | null,
  options: Partial<PageOptions> = {},
): Promise<Page> {
  const plan = planOf(stream);
  const most = Math.min(options.limit ?? PAGE_ROWS, PAGE_ROWS);
  if (isTombstoneToken(after)) {
    const gone = await tombstones.read(plan, window, after, Math.min(most, MAX_ROWS));
    return { unreadable: [], ...gone };
  }
  const { rows, next } = await readRows(select, plan, { window, after, most });
  const landed = await landRows(select, plan, rows);
  const room = Math.min(most - rows.length, MAX_ROWS);
  const gone =
    next === null ? await tombstones.read(plan, window, null, room) : { records: [], next };
  const live = landed.flatMap((one) => (one.kind === 'record' ? [one.record] : []));
  return {
    records: [...live, ...gone.records],
    unreadable: landed.flatMap((one) => (one.kind === 'unreadable' ? [one.unreadable] : [])),
    next: gone.next,
  };
}

function countLive(client: NetSuiteClient, plan: StreamPlan, window: ReadWindow): Promise<number> {
  const what = `count ${plan.definition.name}`;
  return countRows(client, `${plan.table} t ${where(inWindow(plan, window))}`, what);
}

async function listKeys(
  { select, tombstones }: Sources,
  stream: string,
  window: ReadWindow,
): Promise<readonly RecordKey[]> {
  const plan = planOf(stream);
  const stamps = plan.columns.filter(({ name }) => name === plan.stamp);
  const keys: RecordKey[] = [];
  for (;;) {
    const last = keys.at(-1);
    const condition = where([
      ...inWindow(plan, window),
      last === undefined ? null : `t.id > ${last.id}`,
    ]);
    const page = await select(
      [{ sql: 't.id', name: 'id' }, ...stamps],
      `FROM ${plan.table} t ${condition} ORDER BY t.id`,
      `list ${stream}`,
    );
    checkedIds(page.rows.flatMap((row) => row['id'] ?? []));
    for (const { id, [plan.stamp]: stamp } of page.rows)
      if (id !== undefined) keys.push({ id, stamp: stamp ?? null });
    if (!page.hasMore) return [...keys, ...(await tombstones.keys(plan, window))];
  }
}

/** Reads streams by SuiteQL: one page is one query of at most 1,000 rows, and one or more for their lines. */
export function createReader(client: NetSuiteClient, config: Config): Reader {
  const select = createSelect(client);
  const sources: Sources = { select, tombstones: createTombstones(client) };
  return {
    openWindow: (stream, since) => openWindow(client, config, stream, since),
    readPage: (stream, window, after, options) => readPage(sources, stream, window, after, options),
    countWindow: async (stream, window) => {
      const plan = planOf(stream);
      const live = await countLive(client, plan, window);
      return live + (await sources.tombstones.count(plan, window));
    },
    listKeys: (stream, window) => listKeys(sources, stream, window),
    keysPerAnswer: MAX_ROWS,
    deletionsOf: (stream, ids) => sources.tombstones.told(planOf(stream), ids),
    caveatsOf: async (stream, window) =>
      (await sources.tombstones.areReadable(planOf(stream), window)) ? [] : [NO_DELETIONS],
    readByIds: async (stream, ids) => {
      const plan = planOf(stream);
      const found: RecordsById[] = [];
      for (const chunk of chunks(checkedIds(ids), MAX_ROWS))
        found.push(await readChunk(select, plan, chunk));
      return {
        records: found.flatMap(({ records }) => records),
        unreadable: found.flatMap(({ unreadable }) => unreadable),
      };
    },
  };
}
