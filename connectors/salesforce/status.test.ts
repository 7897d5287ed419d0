import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ConnectorSession } from '../../src/sdk/define-connector.ts';
import type { RunningTwin } from '../../src/sdk/define-twin.ts';
import {
  openSalesforce,
  oracleOf,
  startSalesforce,
} from '../../test/support/salesforce-session.ts';
import { FIXTURE_IDS, fixtureWorld } from './twin/fixture-world.ts';

let twin: RunningTwin;
let bare: RunningTwin;
let session: ConnectorSession;

beforeAll(async () => {
  twin = await startSalesforce(fixtureWorld({ packages: ['trueup', 'trueup-status'] }));
  bare = await startSalesforce();
  session = await openSalesforce(twin);
});
afterAll(() => Promise.all([twin.stop(), bare.stop()]));

const target = 'Opportunity.status';
const request = (vendorId: string | null, status = 'Blocked') => ({ externalId: `status-${vendorId}`, intentId: 'i', vendorId, fields: { Trueup_Status__c: status, Trueup_Message__c: 'No price.', Trueup_Link__c: null } }); // prettier-ignore

test('a status is shown by the record’s own id, and each record of a batch has an outcome of its own', async () => {
  const results = await session.write(target, [request(FIXTURE_IDS.opportunity), request('006000000000000AAA'), request(null)]); // prettier-ignore
  const shown = await session.readBack(target, [], [FIXTURE_IDS.opportunity]);

  expect(results.map(({ kind }) => kind)).toEqual(['applied', 'rejected', 'rejected']);
  expect(shown).toMatchObject([{ vendorId: FIXTURE_IDS.opportunity, intentId: null, changedAt: expect.any(String), fields: { Trueup_Status__c: 'Blocked', Trueup_Message__c: 'No price.', Trueup_Link__c: null } }]); // prettier-ignore
  expect(await oracleOf(twin)).toMatchObject([{ object: 'Opportunity', operation: 'update' }]);
  expect((await session.describe(target)).object).toBe('Opportunity');
});

test('where the package is not installed nothing is written, and the check says so without failing', async () => {
  const without = await openSalesforce(bare);
  const [result] = await without.write(target, [request(FIXTURE_IDS.opportunity)]);
  const checks = await without.check();

  expect(result).toMatchObject({ kind: 'rejected', field: 'Trueup_Status__c' });
  expect(await oracleOf(bare)).toEqual([]);
  expect(checks).toContainEqual(expect.objectContaining({ name: 'status on Contract', ok: true, detail: expect.stringContaining('package-status') })); // prettier-ignore
});
