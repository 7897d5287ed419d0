import type { ConnectionCheck } from '../../src/sdk/define-connector.ts';
import { RemoteRejected, type JsonObject } from '../../src/sdk/kernel.ts';
import type { ReadBackRecord, WriteRequest, WriteResult } from '../../src/sdk/write.ts';
import type { NetSuiteClient } from './client.ts';
import { TIMEOUT_MS } from './config.ts';
import { isObject } from './lossless-json.ts';
import { applied, outcomeOf } from './outcomes.ts';
import { SHOWS, STATUS_FIELDS } from './status-fields.ts';

const CHANGED_AT = 'lastModifiedDate';
const INSTALL =
  'To see a status at the record, deploy connectors/netsuite/package-status with SuiteCloud.';
const NAMES = STATUS_FIELDS.map(({ name }) => name);

/**
 * Shows a status on transactions that are there already, by their internal ids, and writes nothing else of them. One
 * result per request, in order; never throws for what became of one.
 */
export function writeStatuses(
  client: NetSuiteClient,
  object: string,
  requests: readonly WriteRequest[],
): Promise<readonly WriteResult[]> {
  const startBefore = performance.now() + TIMEOUT_MS;
  return Promise.all(
    requests.map(async (request): Promise<WriteResult> => {
      const { externalId, vendorId } = request;
      if (vendorId === null) {
        const message = `No ${object} was named to show a status on.`;
        return { kind: 'rejected', externalId, code: 'no_record', message, field: null };
      }
      try {
        const answer = await client.call({
          method: 'PATCH',
          path: `/record/v1/${object}/${encodeURIComponent(vendorId)}`,
          body: JSON.stringify(request.fields),
          // An undeclared field is refused and named, never dropped.
          headers: { 'x-netsuite-propertynamevalidation': 'Error' },
          what: `show a status on ${object} ${vendorId}`,
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

/** What the transactions show now; those that are gone are left out. */
export async function readStatuses(
  client: NetSuiteClient,
  object: string,
  vendorIds: readonly string[],
): Promise<readonly ReadBackRecord[]> {
  const all = await Promise.all(vendorIds.map((vendorId) => readOne(client, object, vendorId)));
  return all.filter((record) => record !== null);
}

async function readOne(
  client: NetSuiteClient,
  object: string,
  vendorId: string,
): Promise<ReadBackRecord | null> {
  const path = `/record/v1/${object}/${encodeURIComponent(vendorId)}?fields=${[...NAMES, CHANGED_AT].join(',')}`;
  try {
    const { body } = await client.call({ method: 'GET', path, what: `read the status of ${object} ${vendorId}`, read: true }); // prettier-ignore
    const shown = isObject(body) ? body : {};
    // A field without a value is left out of the answer.
    const fields: JsonObject = Object.fromEntries(NAMES.map((name) => [name, shown[name] ?? null]));
    const at = shown[CHANGED_AT];
    return { externalId: '', intentId: null, vendorId, fields, changedAt: typeof at === 'string' ? at : null }; // prettier-ignore
  } catch (error) {
    if (error instanceof RemoteRejected && error.details['status'] === 404) return null;
    throw error;
  }
}

/** Says whether an object can show a status. Without the fields all else works, so that is no failed check. */
export function checkStatus(
  object: string,
  described: ReadonlySet<string>,
): readonly ConnectionCheck[] {
  if (!SHOWS.some(({ of }) => of === object)) return [];
  const missing = NAMES.filter((name) => !described.has(name));
  const name = `status on ${object}`;
  if (missing.length === 0) return [{ name, ok: true, detail: 'Records show what became of them.', fix: null }]; // prettier-ignore
  return [{ name, ok: true, detail: `Not shown: ${missing.join(', ')} are not there. ${INSTALL}`, fix: null }]; // prettier-ignore
}
