import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadBuiltins, type Builtins } from '../src/mapping/builtin.ts';
import { runMappingTests } from '../src/mapping/run-mapping-tests.ts';
import { ConfigError } from '../src/kernel/errors.ts';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { shippedSteps } from '../test/support/shipped-steps.ts';

const FOLDER = import.meta.dirname;
let builtins: Builtins;

beforeAll(async () => {
  builtins = await loadBuiltins(FOLDER, await shippedSteps());
});

/** Every stream that the connectors read, with the nouns that come of it. */
const INBOUND: readonly (readonly [
  connection: string,
  stream: string,
  nouns: readonly string[],
])[] = [
  ['salesforce', 'Account', ['organization', 'organizationMerger', 'organizationRelationship']],
  ['salesforce', 'Product2', ['sku']],
  ['salesforce', 'OpportunityStage', ['opportunityStage']],
  ['salesforce', 'Opportunity', ['opportunity']],
  ['salesforce', 'OpportunityLineItem', ['opportunityLine']],
  ['salesforce', 'OpportunityHistory', ['stageTransition']],
  ['salesforce', 'Contract', ['agreement']],
  ['salesforce', 'Order', ['order']],
  ['salesforce', 'OrderItem', ['orderLine']],
  ['salesforce', 'Asset', ['asset']],
  ['salesforce', 'Quote', ['quote']],
  ['salesforce', 'QuoteLineItem', ['quoteLine']],
  ['salesforce', 'SBQQ__Quote__c', ['quote']],
  ['salesforce', 'SBQQ__QuoteLine__c', ['quoteLine']],
  ['salesforce', 'SBQQ__Subscription__c', ['asset']],
  ['salesforce', 'UserLicense', ['seatCount']],
  ['salesforce', 'PermissionSetLicense', ['seatCount']],
  ['netsuite', 'subsidiary', ['subsidiary']],
  ['netsuite', 'customer', ['organization', 'organizationRelationship']],
  ['netsuite', 'item', ['skuAlias']],
  ['netsuite', 'salesOrder', ['order', 'orderLine']],
  ['netsuite', 'invoice', ['invoice', 'invoiceLine']],
  ['netsuite', 'creditmemo', ['invoice', 'invoiceLine']],
  ['netsuite', 'vendor', ['organization']],
  ['netsuite', 'purchaseOrder', ['purchaseOrder', 'purchaseOrderLine']],
  ['netsuite', 'vendorBill', ['invoice', 'invoiceLine']],
  ['netsuite', 'department', ['department']],
  ['netsuite', 'budget', ['budget']],
  ['scim', 'Users', ['employmentSpell', 'seatAssignment', 'userAccount']],
  ['scim', 'Groups', ['userGroup']],
  ['file', 'employment', ['employmentSpell']],
  ['file', 'agreements', ['agreement', 'order', 'orderLine', 'sku']],
  ['file', 'named-users', ['seatAssignment']],
];

const OUTBOUND: readonly (readonly [document: string, connection: string, object: string])[] = [
  ['outboundOrder', 'netsuite', 'salesOrder'],
  ['outboundRenewal', 'netsuite', 'estimate'],
  ['outboundRenewal', 'salesforce', 'Opportunity'],
  ['outboundContract', 'salesforce', 'Contract'],
  ['outboundAsset', 'salesforce', 'Asset'],
  ['outboundAccountSummary', 'salesforce', 'Account'],
];

describe('shipped mappings', () => {
  test.each(INBOUND)('%s %s is mapped to facts', (connection, stream, nouns) => {
    const plans = builtins.mappings
      .map((mapping) => builtins.plan(mapping))
      .filter((plan) => plan.kind === 'inbound');
    const reading = plans.filter(
      ({ source }) => source.connection === connection && source.stream === stream,
    );

    expect(reading.map(({ target }) => target.noun).sort()).toEqual(nouns);
  });

  test.each(OUTBOUND)('%s is written to %s %s', (document, connection, object) => {
    const plans = builtins.mappings
      .map((mapping) => builtins.plan(mapping))
      .filter((plan) => plan.kind === 'outbound');
    const writing = plans.filter(
      ({ source, target }) =>
        source.document === document &&
        target.connection === connection &&
        target.object === object,
    );

    expect(writing).toHaveLength(1);
  });

  test('pass their own tests, and each has some', () => {
    const results = builtins.mappings.map((mapping) => {
      const outcomes = runMappingTests(builtins.plan(mapping), mapping.document, () => ({}));
      return {
        id: mapping.document.id,
        count: outcomes.length,
        failed: outcomes.filter(({ passed }) => !passed),
      };
    });

    expect(results.filter(({ count }) => count === 0)).toEqual([]);
    expect(results.filter(({ failed }) => failed.length > 0)).toEqual([]);
  });

  test('name their system and their file', () => {
    for (const { document, origin } of builtins.mappings) {
      const [system = '', name = ''] = document.id.split('.');

      expect(origin.endsWith(`${system}/${name}.yaml`)).toBe(true);
    }
  });

  test('mark what tells who a person is', () => {
    const personal = builtins.mappings
      .map((mapping) => builtins.plan(mapping))
      .flatMap((plan) =>
        plan.kind === 'inbound' && plan.personalFields.length > 0 ? [plan.id] : [],
      );

    expect(personal.sort()).toEqual([
      'file.device',
      'file.employment',
      'file.named-user',
      'flexnet.checkout',
      'flexnet.denial',
      'github-copilot.seat-user',
      'microsoft-graph.user',
      'scim.employment',
      'scim.user',
      'snipe-it.user',
    ]);
  });
});

describe('a test of a mapping', () => {
  test('fails when a field is not what it expects, and says which', () => {
    const mapping = builtins.find('salesforce.product');
    if (mapping === null) throw new Error('the mapping is shipped');
    const tests = [
      { name: 'wrong', given: { Name: 'N', ProductCode: 'P' }, expect: { skuCode: 'Q' } },
    ];

    const [result] = runMappingTests(
      builtins.plan(mapping),
      { ...mapping.document, tests },
      () => ({}),
    );

    expect(result).toEqual({
      name: 'wrong',
      passed: false,
      difference: '/skuCode: expected "Q", got "P"',
    });
  });
});

describe('a broken mapping file', () => {
  test('stops the start and names the file, the line and the problem', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mappings-'));
    await writeFile(join(folder, 'broken.yaml'), 'id: acme.broken\nversion: one\n');

    const loading = loadBuiltins(folder, await shippedSteps());

    await expect(loading).rejects.toThrow(ConfigError);
    await expect(loading).rejects.toThrow(/broken\.yaml.*line 2/s);
    await rm(folder, { recursive: true });
  });
});
