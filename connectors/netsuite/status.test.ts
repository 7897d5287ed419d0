import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { WriteRequest } from '../../src/sdk/write.ts';
import { startNetSuite, type NetSuiteUnderTest } from '../../test/support/netsuite-session.ts';
import { STATUS_FIELDS, statusFieldXml } from './status-fields.ts';
import { FIXTURE_WORLD } from './twin/fixture-world.ts';

let installed: NetSuiteUnderTest;
let bare: NetSuiteUnderTest;

beforeAll(async () => {
  const settings = { ...FIXTURE_WORLD.settings, packages: ['trueup', 'trueup-status'] };
  installed = await startNetSuite({ ...FIXTURE_WORLD, settings });
  bare = await startNetSuite();
});
afterAll(() => Promise.all([installed.stop(), bare.stop()]));

const target = 'salesOrder.status';
const fields = { custbody_trueup_status: 'Refused', custbody_trueup_message: 'The period is closed.', custbody_trueup_link: null }; // prettier-ignore
const request = (vendorId: string | null): WriteRequest => ({ externalId: `status-${vendorId}`, intentId: 'i', vendorId, fields }); // prettier-ignore

/** The internal id of an order that we wrote. */
async function orderIn(account: NetSuiteUnderTest): Promise<string> {
  const item = { items: [{ item: { itemId: 'MER-CORE' }, quantity: '1', rate: '1' }] };
  const wanted = { entity: { id: '10' }, subsidiary: { id: '2' }, currency: { symbol: 'USD' }, tranDate: '2026-03-02', item }; // prettier-ignore
  const session = await account.open();
  const [made] = await session.write('salesOrder', [{ ...request(null), externalId: 'o-1', fields: wanted }]); // prettier-ignore
  if (made?.kind !== 'applied' || made.vendorId === null) throw new Error('There is no order.');
  return made.vendorId;
}

test('a status is shown by the order’s own id and leaves our keys alone', async () => {
  const id = await orderIn(installed);
  const session = await installed.open();

  const results = await session.write(target, [request(id), request('999999'), request(null)]);
  const shown = await session.readBack(target, [], [id, '999999']);
  const [order] = await session.readBack('salesOrder', ['o-1']);

  expect(results.map(({ kind }) => kind)).toEqual(['applied', 'rejected', 'rejected']);
  expect(shown).toEqual([{ externalId: '', intentId: null, vendorId: id, fields, changedAt: order?.changedAt }]); // prettier-ignore
  expect(order?.changedAt).toEqual(expect.any(String));
  expect(order).toMatchObject({ externalId: 'o-1', intentId: 'i' });
});

test('where the package is not installed nothing is written, and the check says so without failing', async () => {
  const id = await orderIn(bare);
  const session = await bare.open();

  const [result] = await session.write(target, [request(id)]);
  const checks = await session.check();

  expect(result).toMatchObject({ kind: 'rejected', message: expect.stringContaining('custbody_trueup_status') }); // prettier-ignore
  expect(checks).toContainEqual(expect.objectContaining({ name: 'status on salesOrder', ok: true, detail: expect.stringContaining('package-status') })); // prettier-ignore
});

test('the files of the second package are exactly what the list of fields says', () => {
  const folder = join(import.meta.dirname, 'package-status', 'Objects');

  expect(Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]))).toEqual(
    Object.fromEntries(STATUS_FIELDS.map((field) => [`${field.name}.xml`, statusFieldXml(field)])),
  ); // prettier-ignore
});
