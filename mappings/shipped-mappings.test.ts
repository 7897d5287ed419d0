import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadBuiltins, type Builtins } from '../src/mapping/builtin.ts';
import { runMappingTests } from '../src/mapping/run-mapping-tests.ts';
import { ConfigError } from '../src/kernel/errors.ts';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { fieldsRead } from '../src/mapping/fields-read.ts';
import type { MappingDocument } from '../src/mapping/language/mapping-document.ts';
import { loadRegistry } from '../src/registry/load-registry.ts';
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
  ['salesforce', 'AssetStatePeriod', ['asset']],
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
  ['outboundAccountSummary', 'netsuite', 'customer'],
  ['outboundSeat', 'scim', 'UserEntitlements'],
  ['outboundLogin', 'scim', 'UserLogins'],
  ['outboundSeat', 'github-copilot', 'userSeats'],
  ['outboundSeat', 'microsoft-graph', 'userLicenses'],
];

/** Fields that a mapping reads where a vendor has them, and that the whole record of its test rightly has not. */
const ABSENT_FROM_SAMPLES: readonly string[] = ['salesforce.order-item: ProductCode'];

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
      const outcomes = runMappingTests(builtins.plan(mapping), mapping.document, builtins.sample);
      return {
        id: mapping.document.id,
        count: outcomes.length,
        failed: outcomes.filter(({ passed }) => !passed),
      };
    });

    expect(results.filter(({ count }) => count === 0)).toEqual([]);
    expect(results.filter(({ failed }) => failed.length > 0)).toEqual([]);
  });

  test('leave out only the streams that the README gives a reason for', async () => {
    const readme = await readFile(join(FOLDER, 'README.md'), 'utf8');
    const excused = [...readme.matchAll(/^- `([\w-]+ \w+)`(?:, `([\w-]+ \w+)`)?: \S/gm)];
    const registry = await loadRegistry();
    const read = new Set(
      builtins.mappings.flatMap((mapping) => {
        const plan = builtins.plan(mapping);
        return plan.kind === 'inbound' ? [`${plan.source.connection} ${plan.source.stream}`] : [];
      }),
    );

    const unread = [...registry.connectors.values()]
      .flatMap(({ id, streams }) => streams.map(({ name }) => `${id} ${name}`))
      .filter((stream) => !read.has(stream));

    expect(excused.flatMap(([, ...names]) => names.filter(Boolean)).sort()).toEqual(unread.sort());
  });

  test('write every object that a connector writes', async () => {
    const registry = await loadRegistry();
    const written = new Set(OUTBOUND.map(([, connection, object]) => `${connection} ${object}`));

    const writers = [...registry.connectors.values()].flatMap(({ id, writers: all }) =>
      all
        .filter(({ byOwnMapping }) => byOwnMapping !== true)
        .map(({ object }) => `${id} ${object}`),
    );

    expect(writers.sort()).toEqual([...written].sort());
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

/** The sample records that a mapping's tests name, by path. */
function samplesOf({ tests = [] }: MappingDocument): readonly string[] {
  return tests.flatMap(({ given }) => (typeof given === 'string' ? [given] : []));
}

describe('the tests of shipped mappings', () => {
  test('start from a whole record, which has every field that the mapping reads', () => {
    const lacking = builtins.mappings.flatMap((mapping) => {
      const { document } = mapping;
      const plan = builtins.plan(mapping);
      const [path = ''] = samplesOf(document);
      const sample = builtins.sample(path);
      if (sample === null) return [`${document.id}: no sample`];
      const stream = plan.kind === 'inbound' ? plan.source.stream : '';
      return fieldsRead(document, stream)
        .filter((each) => each.stream === stream && !Object.hasOwn(sample, each.field))
        .map(({ field }) => `${document.id}: ${field}`);
    });

    expect(lacking.sort()).toEqual(ABSENT_FROM_SAMPLES);
  });

  test('go on to an edge, and to a record that is skipped or fails where there is a condition', () => {
    const thin = builtins.mappings.flatMap(({ document: { id, when, tests = [] } }) => {
      const skips = tests.filter(({ expect: outcome }) => outcome === 'skipped').length;
      return tests.length < 3 || (when !== undefined && skips === 0) ? [id] : [];
    });

    expect(thin).toEqual([]);
  });

  test('use every sample that lies there', async () => {
    const files = await readdir(join(FOLDER, 'samples'), { recursive: true });
    const used = builtins.mappings.flatMap(({ document }) => samplesOf(document));

    expect([...new Set(used)].sort()).toEqual(
      files
        .filter((name) => name.endsWith('.json'))
        .map((name) => `samples/${name}`)
        .sort(),
    );
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
  test('or a broken sample stops the start and is named', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mappings-'));
    await mkdir(join(folder, 'samples'));
    await writeFile(join(folder, 'samples/list.json'), '[]');

    const loading = loadBuiltins(folder, await shippedSteps());

    await expect(loading).rejects.toThrow(/samples.list\.json is not one JSON object/);
    await rm(folder, { recursive: true });
  });

  test('stops the start and names the file, the line and the problem', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mappings-'));
    await writeFile(join(folder, 'broken.yaml'), 'id: acme.broken\nversion: one\n');

    const loading = loadBuiltins(folder, await shippedSteps());

    await expect(loading).rejects.toThrow(ConfigError);
    await expect(loading).rejects.toThrow(/broken\.yaml.*line 2/s);
    await rm(folder, { recursive: true });
  });
});
