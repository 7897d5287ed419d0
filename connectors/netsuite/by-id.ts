import { RemoteRejected, type JsonObject } from '../../src/sdk/kernel.ts';
import type { ReadBackRecord, WriteRequest, WriteResult } from '../../src/sdk/write.ts';
import type { NetSuiteClient } from './client.ts';
import { TIMEOUT_MS } from './config.ts';
import { isObject } from './lossless-json.ts';
import { applied, outcomeOf } from './outcomes.ts';

const CHANGED_AT = 'lastModifiedDate';

/**
 * Sets fields of records that are there already, by their internal ids, and nothing else of them. One result per request, in
 * order; never throws for what became of one. `what` is it in words, such as `show a status on`.
 */
export function writeById(
  client: NetSuiteClient,
  { object, what }: { readonly object: string; readonly what: string },
  requests: readonly WriteRequest[],
): Promise<readonly WriteResult[]> {
  const startBefore = performance.now() + TIMEOUT_MS;
  return Promise.all(
    requests.map(async (request): Promise<WriteResult> => {
      const { externalId, vendorId } = request;
      if (vendorId === null) {
        const message = `No ${object} was named to ${what}.`;
        return { kind: 'rejected', externalId, code: 'no_record', message, field: null };
      }
      try {
        const answer = await client.call({
          method: 'PATCH',
          path: `/record/v1/${object}/${encodeURIComponent(vendorId)}`,
          body: JSON.stringify(request.fields),
          // An undeclared field is refused and named, never dropped.
          headers: { 'x-netsuite-propertynamevalidation': 'Error' },
          what: `${what} ${object} ${vendorId}`,
          read: false,
          startBefore,
        });
        return applied(request, answer);
      } catch (error) {
        return outcomeOf(error, externalId);
      }
    }),
  );
}

/** What records hold of these fields now, by their internal ids; those that are gone are left out. */
export async function readById(
  client: NetSuiteClient,
  { object, names }: { readonly object: string; readonly names: readonly string[] },
  vendorIds: readonly string[],
): Promise<readonly ReadBackRecord[]> {
  const all = await Promise.all(vendorIds.map((vendorId) => readOne(client, object, names, vendorId))); // prettier-ignore
  return all.filter((record) => record !== null);
}

async function readOne(
  client: NetSuiteClient,
  object: string,
  names: readonly string[],
  vendorId: string,
): Promise<ReadBackRecord | null> {
  const path = `/record/v1/${object}/${encodeURIComponent(vendorId)}?fields=${[...names, CHANGED_AT].join(',')}`;
  try {
    const { body } = await client.call({ method: 'GET', path, what: `read ${object} ${vendorId} back`, read: true }); // prettier-ignore
    const shown = isObject(body) ? body : {};
    // A field without a value is left out of the answer.
    const fields: JsonObject = Object.fromEntries(names.map((name) => [name, shown[name] ?? null]));
    const at = shown[CHANGED_AT];
    return { externalId: '', intentId: null, vendorId, fields, changedAt: typeof at === 'string' ? at : null }; // prettier-ignore
  } catch (error) {
    if (error instanceof RemoteRejected && error.details['status'] === 404) return null;
    throw error;
  }
}
