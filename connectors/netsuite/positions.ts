import type { ReadBackRecord, WriteRequest, WriteResult } from '../../src/sdk/write.ts';
import { readById, writeById } from './by-id.ts';
import type { NetSuiteClient } from './client.ts';
import { packageFieldsOf } from './package-fields.ts';

const NAMES = packageFieldsOf('customer', 'entity').map(({ name }) => name);

/** Shows a licence position on customers, by their internal ids. One result per request, in order. */
export function writePositions(
  client: NetSuiteClient,
  requests: readonly WriteRequest[],
): Promise<readonly WriteResult[]> {
  return writeById(client, { object: 'customer', what: 'show a position on' }, requests);
}

/** What the customers show now; those that are gone are left out. */
export function readPositions(
  client: NetSuiteClient,
  vendorIds: readonly string[],
): Promise<readonly ReadBackRecord[]> {
  return readById(client, { object: 'customer', names: NAMES }, vendorIds);
}
