import { RemoteRejected, type Json, type JsonObject } from '../../src/sdk/kernel.ts';
import type { ReadBackRecord } from '../../src/sdk/write.ts';
import type { NetSuiteClient } from './client.ts';
import { garbled } from './errors.ts';
import { isObject } from './lossless-json.ts';
import type { References } from './references.ts';
import { writerOf } from './write.ts';

/** Collection members that say how the answer was cut, not what the record holds. */
const FRAME = new Set(['links', 'count', 'hasMore', 'offset', 'totalResults']);

/** The value without links and paging, so that it has the form in which it was written. */
function withoutFrame(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(withoutFrame);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([name]) => !FRAME.has(name));
  return Object.fromEntries(kept.map(([name, inner]) => [name, withoutFrame(inner)]));
}

async function readOne(
  client: NetSuiteClient,
  references: References,
  object: string,
  externalId: string,
): Promise<ReadBackRecord | null> {
  const what = `read back ${object} ${externalId}`;
  let body: unknown;
  try {
    const path = `/record/v1/${object}/eid:${encodeURIComponent(externalId)}?expandSubResources=true`;
    ({ body } = await client.call({ method: 'GET', path, what, read: true }));
  } catch (error) {
    if (error instanceof RemoteRejected && error.details['status'] === 404) return null;
    throw error;
  }
  if (!isObject(body) || typeof body['id'] !== 'string') throw garbled(what, 'it holds no record');
  const vendorId = body['id'];
  const { id: _id, ...rest } = withoutFrame(body) as JsonObject;
  const fields = await references.name(rest);
  const intent = fields['custbody_trueup_intent'];
  return {
    externalId,
    intentId: typeof intent === 'string' ? intent : null,
    vendorId,
    fields,
    changedAt: typeof fields['lastModifiedDate'] === 'string' ? fields['lastModifiedDate'] : null,
  };
}

/**
 * What NetSuite holds under these external ids, in the vocabulary of the write: references as `{ id }` with the
 * currency's symbol and the item's part number beside it, dates ISO, every figure as plain decimal text.
 */
export async function readBackRecords(
  client: NetSuiteClient,
  references: References,
  object: string,
  externalIds: readonly string[],
): Promise<readonly ReadBackRecord[]> {
  writerOf(object);
  const found = await Promise.all(
    externalIds.map((externalId) => readOne(client, references, object, externalId)),
  );
  return found.filter((record) => record !== null);
}
