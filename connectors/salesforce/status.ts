import type { ConnectionCheck } from '../../src/sdk/define-connector.ts';
import type { WriteRequest, WriteResult, ReadBackRecord } from '../../src/sdk/write.ts';
import { TIMEOUT_MS, type SalesforceClient } from './client.ts';
import { updateAll } from './collections.ts';
import { translateError } from './errors.ts';
import { pickFields } from './field-forms.ts';
import { failedCall, noOutcome, reject, savedOutcome } from './outcomes.ts';
import { rowsById } from './rows-by-id.ts';
import type { DescribedObject } from './schema.ts';
import { soqlLists } from './soql.ts';
import { SHOWS, STATUS_FIELDS } from './status-fields.ts';

const BATCH = 200;
const CHANGED_AT = 'LastModifiedDate';
const INSTALL =
  'To see a status at the record, deploy connectors/salesforce/package-status and give people the permission set TrueupStatus.';

/** The three fields as they are written and read. */
const FORMS = Object.fromEntries(STATUS_FIELDS.map(({ name }) => [name, 'text' as const]));

/**
 * Shows a status on records that are there already, by their own ids, and writes nothing else of them. One result per
 * request, in order; never throws for what became of one.
 */
export async function writeStatuses(
  client: SalesforceClient,
  object: string,
  requests: readonly WriteRequest[],
): Promise<readonly WriteResult[]> {
  const startBefore = performance.now() + TIMEOUT_MS;
  const timed: SalesforceClient = { ...client, call: (schema, call) => client.call(schema, { ...call, startBefore }) }; // prettier-ignore
  const known = requests.filter(({ vendorId }) => vendorId !== null);
  const results = new Map<WriteRequest, WriteResult>();
  try {
    const saved = await updateAll(timed, object, known.map(({ vendorId, fields }) => ({ id: vendorId, ...fields }))); // prettier-ignore
    for (const [at, request] of known.entries()) {
      const result = saved[at];
      results.set(request, result === undefined ? noOutcome(request) : savedOutcome(request, result)); // prettier-ignore
    }
  } catch (thrown) {
    const error = translateError(thrown, `showing a status on ${object}`);
    for (const request of known) results.set(request, failedCall(request, error));
  }
  return requests.map((request) => results.get(request) ?? reject(request, noRecord(object)));
}

function noRecord(object: string) {
  return { code: 'no_record', message: `No ${object} was named to show a status on.`, field: null };
}

/** What the records show now. */
export async function readStatuses(
  client: SalesforceClient,
  object: string,
  vendorIds: readonly string[],
): Promise<readonly ReadBackRecord[]> {
  const records: ReadBackRecord[] = [];
  for (const list of soqlLists(vendorIds, BATCH)) {
    const rows = await rowsById(client, {
      what: `reading the status of ${object}`,
      object,
      fields: [...Object.keys(FORMS), CHANGED_AT],
      conditions: [`Id IN (${list})`],
      withDeleted: false,
    });
    for (const row of rows) {
      const at = row[CHANGED_AT];
      const changedAt = typeof at === 'string' ? at : null;
      records.push({ externalId: '', intentId: null, vendorId: row.Id, fields: pickFields(FORMS, row), changedAt }); // prettier-ignore
    }
  }
  return records;
}

/** Says whether an object can show a status. Without the fields all else works, so that is no failed check. */
export function checkStatus(object: DescribedObject): readonly ConnectionCheck[] {
  if (!SHOWS.some(({ of }) => of === object.name)) return [];
  const there = new Set(object.fields.filter(({ updateable }) => updateable).map(({ name }) => name)); // prettier-ignore
  const missing = Object.keys(FORMS).filter((name) => !there.has(name));
  const name = `status on ${object.name}`;
  if (missing.length === 0) return [{ name, ok: true, detail: 'Records show what became of them.', fix: null }]; // prettier-ignore
  return [{ name, ok: true, detail: `Not shown: ${missing.join(', ')} cannot be written. ${INSTALL}`, fix: null }]; // prettier-ignore
}
