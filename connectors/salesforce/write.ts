import {
  AuthExpired,
  Conflict,
  ForbiddenError,
  RateLimited,
  RemoteRejected,
  ValidationError,
  type HubError,
  type Json,
  type JsonObject,
} from '../../src/sdk/kernel.ts';
import type { WriteRequest, WriteResult } from '../../src/sdk/write.ts';
import { TIMEOUT_MS, type SalesforceClient } from './client.ts';
import { failureOf, updateAll, upsertAll, type ItemFailure } from './collections.ts';
import { translateError } from './errors.ts';
import { toVendorForm, type Refusal } from './field-forms.ts';
import { priceDeals } from './line-prices.ts';
import { putLines, type WantedLines } from './opportunity-lines.ts';
import { EXTERNAL_ID_FIELD, INTENT_FIELD } from './package-fields.ts';
import { rowsById } from './rows-by-id.ts';
import type { SaveResult } from './schema.ts';
import { soqlLists } from './soql.ts';
import { BATCH, LINE_FIELDS, WRITTEN_FIELDS } from './writers.ts';

interface Line {
  readonly productCode: string;
  readonly fields: JsonObject;
}

/** A request on its way: what is sent, and what became of it. */
interface Draft {
  readonly request: WriteRequest;
  readonly body: JsonObject;
  /** Lines of an opportunity in Salesforce's forms; null where the request says nothing about lines. */
  readonly lines: readonly Line[] | null;
  entries: ReadonlyMap<string, string>;
  result: WriteResult | null;
}

function reject(request: WriteRequest, { code, message, field }: Refusal): WriteResult {
  return { kind: 'rejected', externalId: request.externalId, code, message, field };
}

function failed(request: WriteRequest, failure: ItemFailure): WriteResult {
  const { code, message } = failure;
  if (failure.retryable) return { kind: 'retry', externalId: request.externalId, code, message };
  return reject(request, failure);
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const noLines: Refusal = {
  code: 'malformed_lines',
  message:
    'lines is not a list of objects with a ProductCode each. Correct the mapping of this field.',
  field: 'lines',
};

/** The lines in Salesforce's forms, or what stands against them. */
function toLines(value: Json): { readonly lines: readonly Line[] } | Refusal {
  if (!Array.isArray(value)) return noLines;
  const lines: Line[] = [];
  for (const each of value as readonly Json[]) {
    const productCode = isObject(each) ? each['ProductCode'] : undefined;
    if (!isObject(each) || typeof productCode !== 'string') return noLines;
    const form = toVendorForm(LINE_FIELDS, each);
    if (!form.ok) return form.refusal;
    lines.push({ productCode, fields: form.fields });
  }
  return { lines };
}

function draft(object: string, request: WriteRequest): Draft {
  const { lines: rawLines, ...rest } = request.fields;
  const fields = object === 'Opportunity' ? rest : request.fields;
  const base = { request, lines: null, entries: new Map<string, string>() };
  const form = toVendorForm(WRITTEN_FIELDS[object] ?? {}, fields);
  if (!form.ok) return { ...base, body: {}, result: reject(request, form.refusal) };
  const body = {
    [EXTERNAL_ID_FIELD]: request.externalId,
    [INTENT_FIELD]: request.intentId,
    ...form.fields,
  };
  if (object !== 'Opportunity' || rawLines === undefined) return { ...base, body, result: null };
  const parsed = toLines(rawLines);
  if ('code' in parsed) return { ...base, body, result: reject(request, parsed) };
  return { ...base, body, lines: parsed.lines, result: null };
}

async function price(client: SalesforceClient, drafts: readonly Draft[]): Promise<void> {
  const priced = drafts.filter((each) => each.result === null && (each.lines ?? []).length > 0);
  if (priced.length === 0) return;
  const deals = priced.map(({ request, body, lines }) => ({
    externalId: request.externalId,
    fields: body,
    productCodes: [...new Set((lines ?? []).map((line) => line.productCode))],
  }));
  const prices = await priceDeals(client, deals);
  for (const [at, each] of priced.entries()) {
    const found = prices[at];
    if (found?.ok === true) each.entries = found.entryByCode;
    else if (found !== undefined) each.result = reject(each.request, found.refusal);
  }
}

function settle(drafts: readonly Draft[], results: readonly SaveResult[]): void {
  for (const [at, each] of drafts.entries()) {
    const saved = results[at];
    if (saved === undefined) continue;
    const { request } = each;
    const failure = failureOf(saved);
    const vendorId = saved.id ?? request.vendorId;
    each.result =
      failure === null
        ? { kind: 'applied', externalId: request.externalId, vendorId, warnings: [] }
        : failed(request, failure);
  }
}

/** True if surely nothing of the call was applied, and nothing of it is on its way. */
function isUnapplied(error: HubError): boolean {
  return (
    error instanceof AuthExpired ||
    error instanceof RateLimited ||
    error instanceof ForbiddenError ||
    error.details['sent'] === false
  );
}

/** A call that was refused as a whole has been answered: nothing of it comes any more. */
function mayArrive(error: HubError): boolean {
  return !isUnapplied(error) && !(error instanceof RemoteRejected) && !(error instanceof Conflict);
}

function retry({ externalId }: WriteRequest, { code, message }: HubError): WriteResult {
  return { kind: 'retry', externalId, code, message };
}

function unknown({ externalId }: WriteRequest, error: HubError): WriteResult {
  const { code, message } = error;
  return { kind: 'unknown', externalId, code, message, mayArrive: mayArrive(error) };
}

/** One call for some records: its failure says nothing about the records of another call. */
async function sendCall(
  what: string,
  drafts: readonly Draft[],
  send: () => Promise<readonly SaveResult[]>,
): Promise<void> {
  if (drafts.length === 0) return;
  try {
    settle(drafts, await send());
  } catch (thrown) {
    const error = translateError(thrown, what);
    for (const each of drafts)
      each.result = isUnapplied(error) ? retry(each.request, error) : unknown(each.request, error);
  }
}

async function sendHeaders(
  client: SalesforceClient,
  object: string,
  drafts: readonly Draft[],
): Promise<void> {
  const open = drafts.filter((each) => each.result === null);
  const byKey = open.filter((each) => each.request.vendorId === null);
  const byId = open.filter((each) => each.request.vendorId !== null);
  await sendCall(`writing ${object}`, byKey, () =>
    upsertAll(
      client,
      object,
      byKey.map((each) => each.body),
    ),
  );
  await sendCall(`updating ${object}`, byId, () =>
    updateAll(
      client,
      object,
      byId.map((each) => ({ id: each.request.vendorId, ...each.body })),
    ),
  );
}

/**
 * An opportunity that carries this very intent was written before its lines broke off: it is not written a second
 * time, only its lines are completed.
 */
async function resume(client: SalesforceClient, drafts: readonly Draft[]): Promise<void> {
  const withLines = new Map(
    drafts
      .filter((each) => each.result === null && each.lines !== null)
      .map((each) => [each.request.externalId, each]),
  );
  for (const list of soqlLists([...withLines.keys()], BATCH)) {
    const rows = await rowsById(client, {
      what: 'looking up opportunities',
      object: 'Opportunity',
      fields: [EXTERNAL_ID_FIELD, INTENT_FIELD],
      conditions: [`${EXTERNAL_ID_FIELD} IN (${list})`],
      withDeleted: false,
    });
    for (const row of rows) {
      const each = withLines.get(String(row[EXTERNAL_ID_FIELD]));
      if (each === undefined || row[INTENT_FIELD] !== each.request.intentId) continue;
      const { externalId } = each.request;
      each.result = { kind: 'applied', externalId, vendorId: row.Id, warnings: [] };
    }
  }
}

interface Lined {
  readonly wanted: WantedLines;
  readonly owner: Draft;
}

function linedOf(drafts: readonly Draft[]): readonly Lined[] {
  return drafts.flatMap((owner) => {
    if (owner.lines === null || owner.result?.kind !== 'applied' || owner.result.vendorId === null)
      return [];
    const lines = owner.lines.map(({ productCode, fields }) => ({
      fields,
      entryId: owner.entries.get(productCode) ?? '',
    }));
    return [{ owner, wanted: { opportunityId: owner.result.vendorId, lines } }];
  });
}

/**
 * A deal whose lines are not all there is not applied: it is refused where a line was, and else unknown, because the
 * opportunity itself was written.
 */
async function sendLines(client: SalesforceClient, drafts: readonly Draft[]): Promise<void> {
  const lined = linedOf(drafts);
  if (lined.length === 0) return;
  const owners = new Map(lined.map(({ wanted, owner }) => [wanted.opportunityId, owner]));
  try {
    const failures = await putLines(
      client,
      lined.map(({ wanted }) => wanted),
    );
    for (const [opportunityId, failure] of failures) {
      const owner = owners.get(opportunityId);
      if (owner === undefined) continue;
      const message = `The opportunity ${opportunityId} was saved, a line was not: ${failure.message}`;
      const { externalId } = owner.request;
      owner.result = failure.retryable
        ? { kind: 'unknown', externalId, code: failure.code, message, mayArrive: false }
        : reject(owner.request, { ...failure, message });
    }
  } catch (thrown) {
    const error = translateError(thrown, 'writing OpportunityLineItem');
    for (const { owner } of lined) owner.result = unknown(owner.request, error);
  }
}

/**
 * Writes at most one collection of records, by external id or, where the request names it, by the vendor's
 * id. One result per request, in order: what a failure left open is `unknown`, and nothing is sent twice.
 * Throws a ValidationError for an object that has no writer and for more than 200 requests, before anything is sent.
 */
export async function writeRecords(
  client: SalesforceClient,
  object: string,
  requests: readonly WriteRequest[],
): Promise<readonly WriteResult[]> {
  const nothing = { details: { nothingApplied: true } };
  if (WRITTEN_FIELDS[object] === undefined)
    throw new ValidationError(`Salesforce ${object} is not an object that Trueup writes.`, nothing);
  if (requests.length > BATCH)
    throw new ValidationError(
      `${requests.length} records are more than the ${BATCH} of one collection. Send them in batches.`,
      nothing,
    );
  const startBefore = performance.now() + TIMEOUT_MS;
  const timed: SalesforceClient = {
    ...client,
    call: (schema, call) => client.call(schema, { ...call, startBefore }),
  };
  const drafts = requests.map((request) => draft(object, request));
  try {
    await client.login();
    await price(client, drafts);
    await resume(client, drafts);
  } catch (thrown) {
    const error = translateError(thrown, `preparing to write ${object}`);
    return drafts.map(({ request, result }) => result ?? retry(request, error));
  }
  await sendHeaders(timed, object, drafts);
  await sendLines(timed, drafts);
  return drafts.map(({ request, result }) => result ?? noOutcome(request));
}

function noOutcome({ externalId }: WriteRequest): WriteResult {
  const message = 'Salesforce named no outcome for this record.';
  return { kind: 'unknown', externalId, code: 'no_outcome', message, mayArrive: true };
}
