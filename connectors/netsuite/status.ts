import type { ConnectionCheck } from '../../src/sdk/define-connector.ts';
import type { ReadBackRecord, WriteRequest, WriteResult } from '../../src/sdk/write.ts';
import { readById, writeById } from './by-id.ts';
import type { NetSuiteClient } from './client.ts';
import { SHOWS, STATUS_FIELDS } from './status-fields.ts';

const INSTALL =
  'To see a status at the record, deploy connectors/netsuite/package-status with SuiteCloud.';
const NAMES = STATUS_FIELDS.map(({ name }) => name);

/** Shows a status on transactions that are there already, by their internal ids, and writes nothing else of them. */
export function writeStatuses(
  client: NetSuiteClient,
  object: string,
  requests: readonly WriteRequest[],
): Promise<readonly WriteResult[]> {
  return writeById(client, { object, what: 'show a status on' }, requests);
}

/** What the transactions show now; those that are gone are left out. */
export function readStatuses(
  client: NetSuiteClient,
  object: string,
  vendorIds: readonly string[],
): Promise<readonly ReadBackRecord[]> {
  return readById(client, { object, names: NAMES }, vendorIds);
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
