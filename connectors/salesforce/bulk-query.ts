import * as z from 'zod';
import { RemoteUnavailable, type Json, type Logger } from '../../src/sdk/kernel.ts';
import type { Page, PageToken, SourceRecord, UnreadableRecord } from '../../src/sdk/record.ts';
import { createRowForm, parseBulkPage, type RowForm } from './bulk-rows.ts';
import type { SalesforceClient } from './client.ts';
import { isGone } from './raw-calls.ts';
import { readRow } from './records.ts';
import type { LocalTime } from './source-clock.ts';
import { PAGE_SIZE } from './streams.ts';

/** Rows that one call fetches; a page of ours is a part of them. Bounds the memory of a read. */
const ROWS_PER_CALL = 10_000;
/** How long one page waits for the job; then an empty page keeps its place, and the wait goes on from there. */
const PATIENCE_MS = 30_000;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 10_000;

const Key = z.object({ stamp: z.string(), id: z.string() });

/** Where a bulk read stands. Everything in it outlives a restart: the job and its results stay with the vendor. */
const Place = z.object({
  via: z.literal('bulk'),
  job: z.string(),
  ready: z.boolean(),
  /** The locator of the fetched rows; null for the first ones. */
  locator: z.string().nullable(),
  /** Rows of these that landed. */
  offset: z.int().nonnegative(),
  /** The last landed row: where a read by key goes on if the job is gone. */
  key: Key.nullable(),
});
type Place = z.infer<typeof Place>;

const Job = z.object({
  id: z.string(),
  state: z.enum(['UploadComplete', 'InProgress', 'JobComplete', 'Failed', 'Aborted']),
  errorMessage: z.string().optional(),
});
type Job = z.infer<typeof Job>;

export interface BulkQuery {
  readonly stream: string;
  readonly fields: readonly string[];
  /** The condition of the window, with a leading ` WHERE`, or empty. */
  readonly where: string;
}

interface Asked extends BulkQuery {
  /** Rows of a page at most. */
  readonly limit: number;
}

/** `fallBack`: Bulk does not serve this read (any more); read on by key after this one, or from the start. */
export type BulkPage = Page | { readonly fallBack: z.infer<typeof Key> | null };

export interface BulkReader {
  /** The next page of a bulk read, of at most `limit` rows; the first one, which opens a job, for a null token. */
  page(query: BulkQuery, token: PageToken | null, limit?: number): Promise<BulkPage>;
}

interface Chunk {
  readonly job: string;
  readonly locator: string | null;
  readonly rows: readonly (readonly string[])[];
  readonly next: string | null;
}

interface BulkDeps {
  readonly client: SalesforceClient;
  readonly logger: Logger;
  readonly time: LocalTime;
}

/** What one session knows of its bulk reads, by stream: a resumed read finds it out again. */
interface Reads extends BulkDeps {
  readonly forms: Map<string, RowForm>;
  readonly chunks: Map<string, Chunk>;
}

/** True if a token belongs to a bulk read. */
export function isBulkToken(token: PageToken | null): boolean {
  return token?.['via'] === 'bulk';
}

async function formOf(reads: Reads, query: BulkQuery): Promise<RowForm | null> {
  const known = reads.forms.get(query.stream);
  if (known !== undefined) return known;
  const form = await createRowForm(reads.client, query.stream, query.fields);
  if (form !== null) reads.forms.set(query.stream, form);
  return form;
}

/** In the order of the keys, so that a read by key can take over at any row. */
async function openJob({ client }: Reads, query: BulkQuery, form: RowForm): Promise<Place> {
  const { stream, where } = query;
  const soql = `SELECT ${form.columns.join(', ')} FROM ${stream}${where} ORDER BY SystemModstamp, Id`;
  const { id } = await client.call(Job, {
    what: `reading ${stream}`,
    method: 'POST',
    path: '/jobs/query',
    body: {
      operation: 'queryAll',
      query: soql,
      contentType: 'CSV',
      columnDelimiter: 'COMMA',
      lineEnding: 'LF',
    },
  });
  return { via: 'bulk', job: id, ready: false, locator: null, offset: 0, key: null };
}

/** The job once it has ended, or as it is when patience ends. */
async function awaitJob({ client, time }: Reads, stream: string, place: Place): Promise<Job> {
  const what = `waiting for the rows of ${stream}`;
  const ends = time.monotonic() + PATIENCE_MS;
  for (let pause = FIRST_WAIT_MS; ; pause = Math.min(pause * 2, LONGEST_WAIT_MS)) {
    const job = await client.call(Job, { what, method: 'GET', path: `/jobs/query/${place.job}` });
    const isOpen = job.state === 'UploadComplete' || job.state === 'InProgress';
    if (!isOpen || time.monotonic() + pause > ends) return job;
    await time.wait(pause);
  }
}

async function fetchChunk(
  { client }: Reads,
  stream: string,
  place: Place,
  form: RowForm,
): Promise<Chunk> {
  const what = `fetching rows of ${stream}`;
  const { job, locator } = place;
  const after = locator === null ? '' : `&locator=${encodeURIComponent(locator)}`;
  const path = `/services/data/v${client.apiVersion}/jobs/query/${job}/results?maxRecords=${ROWS_PER_CALL}${after}`;
  const { headers, body } = await client.raw({ what, method: 'GET', path, accept: 'text/csv' });
  const rows = parseBulkPage(body, form.columns, what);
  const announced = headers['sforce-numberofrecords'];
  const next = headers['sforce-locator'];
  if (next === undefined || (announced !== undefined && Number(announced) !== rows.length))
    throw new RemoteUnavailable(
      `Salesforce announced ${announced ?? 'no number of'} rows and sent ${rows.length} while ${what}, so none of them are taken. Try again.`,
    );
  return { job, locator, rows, next: next === 'null' ? null : next };
}

async function chunkOf(reads: Reads, stream: string, place: Place, form: RowForm): Promise<Chunk> {
  const known = reads.chunks.get(stream);
  if (known?.job === place.job && known.locator === place.locator) return known;
  const chunk = await fetchChunk(reads, stream, place, form);
  reads.chunks.set(stream, chunk);
  return chunk;
}

function keyOf(row: Readonly<Record<string, Json>> | undefined): z.infer<typeof Key> | null {
  const { SystemModstamp: stamp, Id: id } = row ?? {};
  return typeof stamp === 'string' && typeof id === 'string' ? { stamp, id } : null;
}

/** Cuts one page of ours out of the fetched rows. */
function cut(chunk: Chunk, place: Place, form: RowForm, limit: number): Page {
  const end = Math.min(chunk.rows.length, place.offset + limit);
  const raw = chunk.rows.slice(place.offset, end).map((texts) => form.read(texts));
  const records: SourceRecord[] = [];
  const unreadable: UnreadableRecord[] = [];
  for (const each of raw) {
    const row = readRow(each);
    if (row.kind === 'record') records.push(row.record);
    else unreadable.push(row.unreadable);
  }
  const key = keyOf(raw.at(-1)) ?? place.key;
  const isWithin = end < chunk.rows.length;
  if (!isWithin && chunk.next === null) return { records, unreadable, next: null };
  const next = isWithin
    ? { ...place, offset: end, key }
    : { ...place, locator: chunk.next, offset: 0, key };
  return { records, unreadable, next };
}

function giveUp({ logger }: Reads, stream: string, place: Place, reason: string): BulkPage {
  logger.warn('the bulk job does not serve the read any more, which goes on by key', {
    object: stream,
    job: place.job,
    reason,
  });
  return { fallBack: place.key };
}

async function pageAt(reads: Reads, query: Asked, place: Place, form: RowForm): Promise<BulkPage> {
  const { stream } = query;
  try {
    if (!place.ready) {
      const { state, errorMessage } = await awaitJob(reads, stream, place);
      if (state === 'Failed' || state === 'Aborted')
        return giveUp(reads, stream, place, errorMessage ?? state);
      if (state !== 'JobComplete') return { records: [], unreadable: [], next: place };
    }
    const ready = { ...place, ready: true };
    const chunk = await chunkOf(reads, stream, ready, form);
    const page = cut(chunk, ready, form, query.limit);
    if (page.next === null) reads.chunks.delete(stream);
    return page;
  } catch (error) {
    if (isGone(error)) return giveUp(reads, stream, place, 'The job or its results are gone.');
    throw error;
  }
}

/**
 * Reads large windows by Bulk API 2.0: one query job, its results fetched page by page along the vendor's locator.
 * The records are the same as REST gives, to the byte (F-41). A job that failed, was aborted or is gone (results live
 * seven days) hands over to the read by key, which loses nothing. Ours because jsforce's reader breaks off at the
 * second page (jsforce#1546).
 */
export function createBulkReader(deps: BulkDeps): BulkReader {
  const reads: Reads = { ...deps, forms: new Map(), chunks: new Map() };
  return {
    page: async (given, token, limit = PAGE_SIZE) => {
      const query = { ...given, limit: Math.min(limit, PAGE_SIZE) };
      const place = token === null ? null : Place.parse(token);
      const form = await formOf(reads, query);
      if (form === null) return { fallBack: place?.key ?? null };
      return await pageAt(reads, query, place ?? (await openJob(reads, query, form)), form);
    },
  };
}
