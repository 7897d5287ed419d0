import * as z from 'zod';
import type { Json, JsonObject } from '../../../src/sdk/kernel.ts';
import type { TwinReply, TwinRequest } from '../../../src/sdk/twin-kit/exchange.ts';
import { csvLine, readCsv, uploadedValue, type CsvTable } from './bulk-csv.ts';
import { gone, invalidState, type BulkDesk } from './bulk-desk.ts';
import { findByExternalId, parseBody } from './collections.ts';
import type { MutationResult } from './mutations.ts';
import { nthId } from './nth-id.ts';
import type { TwinObject } from './schema.ts';
import { vendorError, VendorRefusal } from './vendor-error.ts';

const DELIMITERS = { COMMA: ',', TAB: '\t', SEMICOLON: ';', PIPE: '|', CARET: '^', BACKQUOTE: '`' };

const NewIngest = z.object({
  object: z.string().min(1),
  operation: z.enum(['insert', 'update', 'upsert', 'delete']),
  externalIdFieldName: z.string().optional(),
  contentType: z.literal('CSV').default('CSV'),
  lineEnding: z.enum(['LF', 'CRLF']).default('LF'),
  columnDelimiter: z
    .enum(['COMMA', 'TAB', 'SEMICOLON', 'PIPE', 'CARET', 'BACKQUOTE'])
    .default('COMMA'),
});
type NewIngest = z.infer<typeof NewIngest>;

const StateChange = z.object({ state: z.enum(['UploadComplete', 'Aborted']) });

type State = 'Open' | 'UploadComplete' | 'InProgress' | 'JobComplete' | 'Failed' | 'Aborted';

interface IngestJob {
  readonly id: string;
  readonly asked: NewIngest;
  readonly object: TwinObject;
  state: State;
  errorMessage: string | null;
  table: CsvTable;
  /** What became of each row, in the order of the upload; rows beyond its end were not processed. */
  outcomes: readonly MutationResult[];
}

export interface BulkIngestJobs {
  answer(request: TwinRequest, version: string, parts: readonly string[]): TwinReply;
  reset(): void;
}

const refused = (code: string, message: string): MutationResult => ({
  ok: false,
  id: null,
  errors: [vendorError(code, message)],
});

/** The values of a row; an empty one leaves its field as it is. */
function fieldsOf({ object, table }: IngestJob, row: readonly string[]): JsonObject {
  const entries = table.columns.flatMap((name, at): [string, Json][] => {
    const text = row[at] ?? '';
    return text === '' ? [] : [[name, uploadedValue(object.fields.get(name), text)]];
  });
  return Object.fromEntries(entries);
}

function upsert(desk: BulkDesk, job: IngestJob, fields: JsonObject): MutationResult {
  const key = job.asked.externalIdFieldName ?? 'Id';
  const { [key]: value, ...rest } = fields;
  if (typeof value !== 'string') return refused('MISSING_ARGUMENT', `${key} not specified`);
  const [first, second] = findByExternalId(desk.state, job.object, key, value);
  if (first === undefined) return desk.mutations.create(job.object, fields, 'api');
  if (second === undefined) return desk.mutations.update(job.object, first.id, rest, 'api');
  return refused(
    'DUPLICATE_EXTERNAL_ID',
    `more than one record found for external id field: ${key}`,
  );
}

function applyRow(desk: BulkDesk, job: IngestJob, row: readonly string[]): MutationResult {
  const { object, asked } = job;
  const fields = fieldsOf(job, row);
  const { Id, ...rest } = fields;
  const id = typeof Id === 'string' ? Id : undefined;
  if (asked.operation === 'insert') return desk.mutations.create(object, fields, 'api');
  if (asked.operation === 'upsert') return upsert(desk, job, fields);
  if (id === undefined) return refused('MISSING_ARGUMENT', 'Id not specified in an update call');
  if (asked.operation === 'delete') return desk.mutations.remove(object, id, 'api');
  return desk.mutations.update(object, id, rest, 'api');
}

/** A job moves on by one state each time somebody looks. Complete does not mean that every row was saved. */
function moveOn(desk: BulkDesk, job: IngestJob): void {
  if (job.state === 'InProgress') {
    job.outcomes = job.table.rows.map((row) => applyRow(desk, job, row));
    job.state = 'JobComplete';
  }
  if (job.state !== 'UploadComplete') return;
  const fails = desk.faults.fires('overload', job.object.name) !== undefined;
  job.state = fails ? 'Failed' : 'InProgress';
  if (fails) job.errorMessage = 'InternalServerError : An unexpected error occurred.';
}

function shown(job: IngestJob, version: string): JsonObject {
  const { externalIdFieldName, ...asked } = job.asked;
  const failed = job.outcomes.filter((each) => !each.ok).length;
  return {
    id: job.id,
    ...asked,
    ...(externalIdFieldName === undefined ? {} : { externalIdFieldName }),
    state: job.state,
    apiVersion: Number(version.slice(1)),
    ...(job.state === 'Open'
      ? { contentUrl: `services/data/${version}/jobs/ingest/${job.id}/batches` }
      : {}),
    numberRecordsProcessed: job.outcomes.length,
    numberRecordsFailed: failed,
    ...(job.errorMessage === null ? {} : { errorMessage: job.errorMessage }),
  };
}

/** The table of rows that `lead` has something to say about, with that in front. */
function resultTable(
  job: IngestJob,
  names: readonly string[],
  lead: (outcome: MutationResult | undefined) => readonly string[] | null,
): TwinReply {
  const lines = job.table.rows.flatMap((row, at) => {
    const front = lead(job.outcomes[at]);
    return front === null ? [] : [csvLine([...front, ...row])];
  });
  const headers = { 'content-type': 'text/csv', 'sforce-numberofrecords': String(lines.length) };
  return { status: 200, headers, body: csvLine([...names, ...job.table.columns]) + lines.join('') };
}

const errorText = (outcome: Extract<MutationResult, { ok: false }>): string =>
  outcome.errors
    .map((each) => `${each.code}:${each.message}:${each.fields.join(', ')} --`)
    .join(';');

function resultsOf(job: IngestJob, part: string): TwinReply {
  if (!['JobComplete', 'Failed', 'Aborted'].includes(job.state)) throw invalidState(job.state);
  switch (part) {
    case 'successfulResults':
      return resultTable(job, ['sf__Id', 'sf__Created'], (outcome) =>
        outcome?.ok === true ? [outcome.record.id, String(outcome.created)] : null,
      );
    case 'failedResults':
      return resultTable(job, ['sf__Id', 'sf__Error'], (outcome) =>
        outcome?.ok === false ? [outcome.id ?? '', errorText(outcome)] : null,
      );
    case 'unprocessedrecords':
      return resultTable(job, [], (outcome) => (outcome === undefined ? [] : null));
    default:
      throw gone();
  }
}

function upload(job: IngestJob, request: TwinRequest): TwinReply {
  if (job.state !== 'Open') throw invalidState(job.state);
  job.table = readCsv(request.rawBody, DELIMITERS[job.asked.columnDelimiter]);
  return { status: 201, body: null };
}

function change(job: IngestJob, request: TwinRequest): void {
  const { state } = parseBody(StateChange, request);
  if (state === 'UploadComplete' && job.state !== 'Open') throw invalidState(job.state);
  job.state = state;
}

function create(desk: BulkDesk, jobs: Map<string, IngestJob>, request: TwinRequest): IngestJob {
  const asked = parseBody(NewIngest, request);
  if (asked.operation === 'upsert' && asked.externalIdFieldName === undefined)
    throw new VendorRefusal(
      400,
      vendorError('INVALIDJOB', 'InvalidJob : externalIdFieldName is required for upsert'),
    );
  const object = desk.state.object(asked.object);
  const id = nthId('750', desk.nextJob());
  const table = { columns: [], rows: [] };
  const job: IngestJob = {
    id,
    asked,
    object,
    state: 'Open',
    errorMessage: null,
    table,
    outcomes: [],
  };
  jobs.set(id, job);
  return job;
}

/** `/jobs/ingest`: create, upload, close, look, fetch what became of each row. */
export function createBulkIngestJobs(desk: BulkDesk): BulkIngestJobs {
  const jobs = new Map<string, IngestJob>();
  return {
    reset: () => jobs.clear(),
    answer: (request, version, [id, part]) => {
      const { method } = request;
      if (id === undefined && method === 'POST')
        return { status: 200, body: shown(create(desk, jobs, request), version) };
      const job = jobs.get(id ?? '');
      if (job === undefined) throw gone();
      if (part === 'batches' && method === 'PUT') return upload(job, request);
      if (part !== undefined) return resultsOf(job, part);
      if (method === 'GET') moveOn(desk, job);
      if (method === 'PATCH') change(job, request);
      if (method !== 'DELETE') return { status: 200, body: shown(job, version) };
      if (!['JobComplete', 'Failed', 'Aborted'].includes(job.state)) throw invalidState(job.state);
      jobs.delete(job.id);
      return { status: 204, body: null };
    },
  };
}
