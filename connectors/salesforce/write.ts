import { ValidationError, type Json, type JsonObject } from '../../src/sdk/kernel.ts';
import type { WriteRequest, WriteResult } from '../../src/sdk/write.ts';
import type { SalesforceClient } from './client.ts';
import { failureOf, updateAll, upsertAll, type ItemFailure } from './collections.ts';
import { toVendorForm, type Refusal } from './field-forms.ts';
import { priceDeals } from './line-prices.ts';
import { putLines, type WantedLines } from './opportunity-lines.ts';
import { EXTERNAL_ID_FIELD, INTENT_FIELD } from './package-fields.ts';
import type { SaveResult } from './schema.ts';
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

async function sendHeaders(
  client: SalesforceClient,
  object: string,
  drafts: readonly Draft[],
): Promise<void> {
  const open = drafts.filter((each) => each.result === null);
  const byKey = open.filter((each) => each.request.vendorId === null);
  const byId = open.filter((each) => each.request.vendorId !== null);
  settle(
    byKey,
    await upsertAll(
      client,
      object,
      byKey.map((each) => each.body),
    ),
  );
  settle(
    byId,
    await updateAll(
      client,
      object,
      byId.map((each) => ({ id: each.request.vendorId, ...each.body })),
    ),
  );
}

/** A deal whose lines are not all there is not applied: it is refused, or tried again, as a whole. */
async function sendLines(client: SalesforceClient, drafts: readonly Draft[]): Promise<void> {
  const wanted: WantedLines[] = [];
  const owners = new Map<string, Draft>();
  for (const each of drafts) {
    if (each.lines === null || each.result?.kind !== 'applied' || each.result.vendorId === null)
      continue;
    const opportunityId = each.result.vendorId;
    const lines = each.lines.map(({ productCode, fields }) => ({
      fields,
      entryId: each.entries.get(productCode) ?? '',
    }));
    wanted.push({ opportunityId, lines });
    owners.set(opportunityId, each);
  }
  if (wanted.length === 0) return;
  for (const [opportunityId, failure] of await putLines(client, wanted)) {
    const owner = owners.get(opportunityId);
    if (owner !== undefined)
      owner.result = failed(owner.request, {
        ...failure,
        message: `The opportunity ${opportunityId} was saved, a line was not: ${failure.message}`,
      });
  }
}

/**
 * Writes at most one collection of records, by external id or, where the request names it, by the vendor's
 * id. One result per request, in order. Nothing is sent twice; a thrown error leaves every request unknown.
 * Throws a ValidationError for an object that has no writer and for more than 200 requests.
 */
export async function writeRecords(
  client: SalesforceClient,
  object: string,
  requests: readonly WriteRequest[],
): Promise<readonly WriteResult[]> {
  if (WRITTEN_FIELDS[object] === undefined)
    throw new ValidationError(`Salesforce ${object} is not an object that Trueup writes.`);
  if (requests.length > BATCH)
    throw new ValidationError(
      `${requests.length} records are more than the ${BATCH} of one collection. Send them in batches.`,
    );
  const drafts = requests.map((request) => draft(object, request));
  await price(client, drafts);
  await sendHeaders(client, object, drafts);
  await sendLines(client, drafts);
  return drafts.map(({ request, result }): WriteResult => {
    if (result !== null) return result;
    return {
      kind: 'retry',
      externalId: request.externalId,
      code: 'no_outcome',
      message: 'Salesforce named no outcome for this record.',
    };
  });
}
