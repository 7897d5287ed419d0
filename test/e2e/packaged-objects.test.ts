import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { changeConnection } from '../../src/app/flows/change-connection.ts';
import { factsOf } from '../../src/ledger/facts.ts';
import { CONNECTOR_CASES } from '../support/connector-cases.ts';
import { startHarness, type Harness } from '../support/flow-harness.ts';

// CPQ and Revenue Cloud from the organisation that has them to facts in the ledger.

const SPAN = '0WAFx0000000001AAA';
const SUBSCRIPTION = 'a0sFx0000000001AAA';

let harness: Harness;

beforeAll(async () => {
  harness = await startHarness(1, CONNECTOR_CASES['salesforce']?.world);
  const config = { cpq: true, assetLifecycle: true };
  await changeConnection(harness.deps, harness.caller, { id: 'crm', config, check: true });
  await harness.pull('crm');
}, 120_000);
afterAll(() => harness?.stop());

const bodyOf = (noun: 'asset' | 'quote' | 'quoteLine', ref: string) =>
  harness.inTx(async (tx) => {
    const held = await factsOf(tx, noun);
    return held.find(({ externalRef }) => externalRef === ref)?.body ?? null;
  });

test('a CPQ quote, its line and a subscription come to facts', async () => {
  const [product] = harness.company.worlds.salesforce.objects['Product2'] ?? [];
  const skuCode = product?.['ProductCode'];
  const quote = await bodyOf('quote', 'a0qFx0000000001AAA');
  const line = await bodyOf('quoteLine', 'a0lFx0000000001AAA');
  const subscription = await bodyOf('asset', SUBSCRIPTION);

  expect(quote).toMatchObject({ number: 'Q-00001', status: 'draft' });
  expect(line).toMatchObject({ quoteRef: 'a0qFx0000000001AAA', quantity: '5', skuCode });
  expect(subscription).toMatchObject({ name: 'SUB-1', skuCode });
});

test('a span of an asset says what the asset is, and says it anew when the asset changes', async () => {
  const { salesforce } = harness.twins;
  const [span] = await salesforce.records('AssetStatePeriod');
  const assets = await salesforce.records('Asset');
  const asset = assets.find(({ Id }) => Id === span?.['AssetId']);
  const before = await bodyOf('asset', SPAN);

  await salesforce.mutate({
    object: 'Asset',
    operation: 'update',
    id: asset?.['Id'] ?? '',
    fields: { Name: 'Renamed by hand' },
  });
  await harness.pull('crm');

  const term = { quantity: '25', validFrom: '2026-04-01', validTo: '2027-04-01' };
  expect(before).toMatchObject({
    ...term,
    name: asset?.['Name'],
    accountRef: asset?.['AccountId'],
  });
  expect(await bodyOf('asset', SPAN)).toMatchObject({ ...term, name: 'Renamed by hand' });
});
