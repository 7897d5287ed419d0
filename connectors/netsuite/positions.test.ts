import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { WriteRequest } from '../../src/sdk/write.ts';
import { startNetSuite, type NetSuiteUnderTest } from '../../test/support/netsuite-session.ts';
import { packageFieldsOf } from './package-fields.ts';
import { FIXTURE_WORLD } from './twin/fixture-world.ts';

let installed: NetSuiteUnderTest;
let bare: NetSuiteUnderTest;

beforeAll(async () => {
  installed = await startNetSuite();
  bare = await startNetSuite({
    ...FIXTURE_WORLD,
    settings: { ...FIXTURE_WORLD.settings, packages: [] },
  });
});
afterAll(() => Promise.all([installed.stop(), bare.stop()]));

const CUSTOMER = '10';
const NAMES = packageFieldsOf('customer', 'entity').map(({ name }) => name);
const POSITION = {
  custentity_trueup_rights_owned: 180, custentity_trueup_utilisation: 90.56, custentity_trueup_position_status: 'compliant', custentity_trueup_position_as_of: '2026-02-25',
  custentity_trueup_next_renewal: null,
}; // prettier-ignore
const request = (vendorId: string | null, fields: WriteRequest['fields'] = POSITION): WriteRequest => ({ externalId: `p-${vendorId}`, intentId: 'i', vendorId, fields }); // prettier-ignore
const show = async (account: NetSuiteUnderTest, ...requests: readonly WriteRequest[]) =>
  (await account.open()).write('customer', requests);
const shown = async (...ids: readonly string[]) =>
  (await installed.open()).readBack('customer', [], ids);

test('a position is shown by the customer’s own id, leaves all else alone, and reads back as it was written', async () => {
  const before = (await installed.records('customer')).find(({ id }) => id === CUSTOMER);

  const results = await show(installed, request(CUSTOMER), request('999999'), request(null));
  const [record, ...others] = await shown(CUSTOMER, '999999');
  const after = (await installed.records('customer')).find(({ id }) => id === CUSTOMER);

  expect(results.map(({ kind }) => kind)).toEqual(['applied', 'rejected', 'rejected']);
  expect([record?.vendorId, record?.intentId, others]).toEqual([CUSTOMER, null, []]);
  expect(record?.fields).toMatchObject({ custentity_trueup_rights_owned: '180', custentity_trueup_utilisation: '90.56', custentity_trueup_position_as_of: '2026-02-25', custentity_trueup_next_renewal: null }); // prettier-ignore
  expect(Object.keys(record?.fields ?? {}).toSorted()).toEqual(NAMES.toSorted());
  expect(after).toMatchObject({ companyName: before?.['companyName'], externalId: before?.['externalId'] }); // prettier-ignore
});

test('what no longer holds is cleared', async () => {
  await show(installed, request(CUSTOMER, { custentity_trueup_next_renewal: '2026-10-01' }));
  await show(installed, request(CUSTOMER, { custentity_trueup_next_renewal: null }));

  const [record] = await shown(CUSTOMER);

  expect(record?.fields['custentity_trueup_next_renewal']).toBeNull();
});

test('without the package nothing is written, and the check names each field and how to add it', async () => {
  const [result] = await show(bare, request(CUSTOMER));
  const checks = await (await bare.open()).check();

  expect(result).toMatchObject({ kind: 'rejected', message: expect.stringContaining('custentity_trueup') }); // prettier-ignore
  for (const name of NAMES)
    expect(checks).toContainEqual(expect.objectContaining({ name: `write customer.${name}`, ok: false, fix: expect.stringContaining('SuiteCloud') })); // prettier-ignore
});
