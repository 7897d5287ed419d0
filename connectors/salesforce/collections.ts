import { RemoteUnavailable, type JsonObject } from '../../src/sdk/kernel.ts';
import type { Call, SalesforceClient } from './client.ts';
import { fieldOf, isRetryableCode } from './errors.ts';
import { EXTERNAL_ID_FIELD } from './package-fields.ts';
import { SaveResults, type SaveResult } from './schema.ts';
import { BATCH } from './writers.ts';

/** Why one item of a collection failed, and whether the same item may succeed later. */
export interface ItemFailure {
  readonly code: string;
  readonly message: string;
  readonly field: string | null;
  readonly retryable: boolean;
}

/** The first thing that Salesforce has against an item; null when it was applied. */
export function failureOf(result: SaveResult): ItemFailure | null {
  if (result.success) return null;
  const [error] = result.errors;
  const code = error?.statusCode ?? 'UNKNOWN_EXCEPTION';
  const message = error?.message ?? 'Salesforce gave no reason.';
  const field = error?.fields[0] ?? fieldOf(message) ?? null;
  return { code, message, field, retryable: isRetryableCode(code) };
}

/** Sends one collection. Anything but one outcome for each item leaves them all unknown. */
async function send(
  client: SalesforceClient,
  count: number,
  call: Call,
): Promise<readonly SaveResult[]> {
  const results = await client.call(SaveResults, call);
  if (results.length === count) return results;
  throw new RemoteUnavailable(
    `Salesforce gave ${results.length} outcomes for ${count} records while ${call.what}. Read the records back to see what was applied.`,
  );
}

async function inBatches<T>(
  items: readonly T[],
  each: (batch: readonly T[]) => Promise<readonly SaveResult[]>,
): Promise<readonly SaveResult[]> {
  const results: SaveResult[] = [];
  for (let at = 0; at < items.length; at += BATCH)
    results.push(...(await each(items.slice(at, at + BATCH))));
  return results;
}

const typed = (object: string, records: readonly JsonObject[]) => ({
  allOrNone: false,
  records: records.map((record) => ({ attributes: { type: object }, ...record })),
});

/** Creates or updates by our external id. */
export async function upsertAll(
  client: SalesforceClient,
  object: string,
  records: readonly JsonObject[],
): Promise<readonly SaveResult[]> {
  const path = `/composite/sobjects/${object}/${EXTERNAL_ID_FIELD}`;
  return await inBatches(records, (batch) =>
    send(client, batch.length, {
      what: `writing ${object}`,
      method: 'PATCH',
      path,
      body: typed(object, batch),
    }),
  );
}

/** Updates by the vendor's own id, which each record carries as `id`. */
export async function updateAll(
  client: SalesforceClient,
  object: string,
  records: readonly JsonObject[],
): Promise<readonly SaveResult[]> {
  return await inBatches(records, (batch) =>
    send(client, batch.length, {
      what: `updating ${object}`,
      method: 'PATCH',
      path: '/composite/sobjects',
      body: typed(object, batch),
    }),
  );
}

export async function deleteAll(
  client: SalesforceClient,
  object: string,
  ids: readonly string[],
): Promise<readonly SaveResult[]> {
  return await inBatches(ids, (batch) =>
    send(client, batch.length, {
      what: `deleting ${object}`,
      method: 'DELETE',
      path: `/composite/sobjects?ids=${batch.join(',')}&allOrNone=false`,
    }),
  );
}
