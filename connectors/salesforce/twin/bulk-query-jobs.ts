import * as z from 'zod';
import type { JsonObject } from '../../../src/sdk/kernel.ts';
import type { TwinReply, TwinRequest } from '../../../src/sdk/twin-kit/exchange.ts';
import { csvLine, csvValue } from './bulk-csv.ts';
import { gone, invalidState, type BulkDesk } from './bulk-desk.ts';
import { parseBody } from './collections.ts';
import { nthId } from './nth-id.ts';
import { parseSoql, type SoqlQuery } from './soql-parse.ts';
import { resolvePath, selectRecords, valueAt } from './soql-run.ts';
import { vendorError, VendorRefusal } from './vendor-error.ts';

const NewQuery = z.object({
  operation: z.enum(['query', 'queryAll']),
  query: z.string().min(1),
  contentType: z.literal('CSV').default('CSV'),
  columnDelimiter: z.literal('COMMA').default('COMMA'),
  lineEnding: z.literal('LF').default('LF'),
});
type NewQuery = z.infer<typeof NewQuery>;

const StateChange = z.object({ state: z.literal('Aborted') });

type State = 'UploadComplete' | 'InProgress' | 'JobComplete' | 'Failed' | 'Aborted';

interface QueryJob {
  readonly id: string;
  readonly asked: NewQuery;
  readonly query: SoqlQuery;
  readonly createdAt: number;
  state: State;
  errorMessage: string | null;
  /** The rows as they were when the job was done; later changes do not reach them. */
  lines: readonly string[];
}

/** Results and jobs live for seven days. */
const LIFE_MS = 7 * 86_400_000;
/** Rows of one result page at most, whatever is asked for. */
const MOST_ROWS = 50_000;

export interface BulkQueryJobs {
  answer(request: TwinRequest, version: string, parts: readonly string[]): TwinReply;
  reset(): void;
}

/** Parses as the vendor does at creation: an object or field that is not there is refused at once. */
function checkedQuery({ state }: BulkDesk, soql: string): SoqlQuery {
  const query = parseSoql(soql);
  if (query.fields.length === 0)
    throw new VendorRefusal(
      400,
      vendorError('API_ERROR', 'Aggregate functions are not supported in Bulk Query'),
    );
  const object = state.object(query.object);
  for (const path of query.fields) resolvePath(state, object, path);
  return query;
}

function resultLines({ state, faults }: BulkDesk, job: QueryJob): readonly string[] {
  const object = state.object(job.query.object);
  const paths = job.query.fields.map((path) => resolvePath(state, object, path));
  const { records } = selectRecords(state, job.query, {
    withDeleted: job.asked.operation === 'queryAll',
    hides: (record) => faults.drops(record.object.name, record.id),
  });
  return records.map((record) =>
    csvLine(paths.map((path) => csvValue(path.field, valueAt(state, record, path)))),
  );
}

/** A job moves on by one state each time somebody looks. */
function moveOn(desk: BulkDesk, job: QueryJob): void {
  if (job.state === 'InProgress') {
    job.lines = resultLines(desk, job);
    job.state = 'JobComplete';
  }
  if (job.state !== 'UploadComplete') return;
  const fails = desk.faults.fires('overload', job.query.object) !== undefined;
  job.state = fails ? 'Failed' : 'InProgress';
  if (fails) job.errorMessage = 'InternalServerError : The query took too long to run.';
}

function shown(job: QueryJob, version: string): JsonObject {
  const { operation, contentType, columnDelimiter, lineEnding } = job.asked;
  return {
    id: job.id,
    operation,
    object: job.query.object,
    state: job.state,
    createdDate: `${new Date(job.createdAt).toISOString().slice(0, 19)}.000+0000`,
    concurrencyMode: 'Parallel',
    contentType,
    columnDelimiter,
    lineEnding,
    apiVersion: Number(version.slice(1)),
    ...(job.state === 'JobComplete' ? { numberRecordsProcessed: job.lines.length } : {}),
    ...(job.errorMessage === null ? {} : { errorMessage: job.errorMessage }),
  };
}

const locatorOf = (row: number): string => Buffer.from(String(row)).toString('base64url');

function rowOf(locator: string): number {
  const row = Number(Buffer.from(locator, 'base64url').toString());
  if (Number.isInteger(row) && row > 0) return row;
  throw new VendorRefusal(400, vendorError('INVALID_QUERY_LOCATOR', 'invalid query locator'));
}

/** One page: `Sforce-Locator` leads to the next one, and is the text `null` after the last. */
function results(desk: BulkDesk, job: QueryJob, request: TwinRequest): TwinReply {
  if (job.state !== 'JobComplete') throw invalidState(job.state);
  const { query: asked } = request;
  const locator = asked.get('locator');
  const from = locator === null ? 0 : rowOf(locator);
  const wanted = Math.max(1, Number(asked.get('maxRecords') ?? MOST_ROWS));
  const end = Math.min(job.lines.length, from + desk.pageRows(Math.min(wanted, MOST_ROWS)));
  return {
    status: 200,
    headers: {
      'content-type': 'text/csv',
      'sforce-locator': end < job.lines.length ? locatorOf(end) : 'null',
      'sforce-numberofrecords': String(end - from),
    },
    body: csvLine(job.query.fields) + job.lines.slice(from, end).join(''),
  };
}

function create(desk: BulkDesk, jobs: Map<string, QueryJob>, request: TwinRequest): QueryJob {
  const asked = parseBody(NewQuery, request);
  const query = checkedQuery(desk, asked.query);
  const id = nthId('750', desk.nextJob());
  const createdAt = desk.now().getTime();
  const job: QueryJob = {
    id,
    asked,
    query,
    createdAt,
    state: 'UploadComplete',
    errorMessage: null,
    lines: [],
  };
  jobs.set(id, job);
  return job;
}

/** `/jobs/query`: create, look, fetch, abort, forget. */
export function createBulkQueryJobs(desk: BulkDesk): BulkQueryJobs {
  const jobs = new Map<string, QueryJob>();
  const live = (id: string): QueryJob => {
    const job = jobs.get(id);
    if (job === undefined || desk.now().getTime() - job.createdAt > LIFE_MS) throw gone();
    if (desk.faults.fires('expire_locator', job.query.object) === undefined) return job;
    jobs.delete(id);
    throw gone();
  };
  return {
    reset: () => jobs.clear(),
    answer: (request, version, [id, part]) => {
      if (id === undefined && request.method === 'POST')
        return { status: 200, body: shown(create(desk, jobs, request), version) };
      if (id === undefined) throw gone();
      const job = live(id);
      if (part === 'results' && request.method === 'GET') return results(desk, job, request);
      if (part !== undefined) throw gone();
      if (request.method === 'GET') moveOn(desk, job);
      if (request.method === 'PATCH') job.state = parseBody(StateChange, request).state;
      if (request.method !== 'DELETE') return { status: 200, body: shown(job, version) };
      jobs.delete(id);
      return { status: 204, body: null };
    },
  };
}
