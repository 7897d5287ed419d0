import { ValidationError } from '../../src/sdk/kernel.ts';
import type { WriteRequest, WriteResult } from '../../src/sdk/write.ts';
import { TIMEOUT_MS, type SalesforceClient } from './client.ts';
import { updateAll, upsertAll } from './collections.ts';
import { SEEN_AT_ONCE, splitSeen, updateUnchanged } from './conditional-updates.ts';
import { draft, type Draft } from './drafts.ts';
import { translateError } from './errors.ts';
import { priceDeals } from './line-prices.ts';
import { byParent, retryLocked } from './locked-rows.ts';
import { putLines, type WantedLines } from './opportunity-lines.ts';
import { failedCall, noOutcome, reject, retry, savedOutcome, unknown } from './outcomes.ts';
import { EXTERNAL_ID_FIELD, INTENT_FIELD } from './package-fields.ts';
import { rowsById } from './rows-by-id.ts';
import type { SaveResult } from './schema.ts';
import { soqlLists } from './soql.ts';
import { BATCH, WRITTEN_FIELDS } from './writers.ts';

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

/** One call for some records: its failure says nothing about the records of another call. */
async function sendCall(
  what: string,
  drafts: readonly Draft[],
  send: () => Promise<readonly WriteResult[]>,
): Promise<void> {
  if (drafts.length === 0) return;
  try {
    const results = await send();
    for (const [at, each] of drafts.entries()) each.result = results[at] ?? each.result;
  } catch (thrown) {
    const error = translateError(thrown, what);
    for (const each of drafts) each.result = failedCall(each.request, error);
  }
}

const saved = (drafts: readonly Draft[], results: readonly SaveResult[]): readonly WriteResult[] =>
  drafts.map((each, at) => {
    const result = results[at];
    return result === undefined ? noOutcome(each.request) : savedOutcome(each.request, result);
  });

/**
 * Writes the records themselves: what was read just before on the condition that it is still the same, all else by our
 * key, or by the vendor's id where it was not made by us.
 */
async function sendHeaders(
  client: SalesforceClient,
  object: string,
  drafts: readonly Draft[],
): Promise<void> {
  const { seen, rest } = splitSeen(byParent(drafts));
  const byKey = rest.filter((each) => each.request.vendorId === null);
  const byId = rest.filter((each) => each.request.vendorId !== null);
  for (let at = 0; at < seen.length; at += SEEN_AT_ONCE) {
    const some = seen.slice(at, at + SEEN_AT_ONCE);
    await sendCall(`updating ${object}`, some.map((each) => each.draft), () => updateUnchanged(client, object, some)); // prettier-ignore
  }
  await sendCall(
    `writing ${object}`,
    byKey,
    async () =>
    saved(byKey, await upsertAll(client, object, byKey.map((each) => each.body))), // prettier-ignore
  );
  await sendCall(
    `updating ${object}`,
    byId,
    async () =>
    saved(byId, await updateAll(client, object, byId.map((each) => ({ id: each.request.vendorId, ...each.body })))), // prettier-ignore
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
    const { externalId: key } = owner.request;
    return [{ owner, wanted: { opportunityId: owner.result.vendorId, key, lines } }];
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
  const send = (some: readonly Draft[]): Promise<void> => sendHeaders(timed, object, some);
  await send(drafts.filter((each) => each.result === null));
  await retryLocked(drafts, send);
  await sendLines(timed, drafts);
  return drafts.map(({ request, result }) => result ?? noOutcome(request));
}
