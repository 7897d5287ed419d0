import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testStore, type TestStore } from '../../test/support/database.ts';
import { shippedSteps } from '../../test/support/shipped-steps.ts';
import { NotFoundError, StaleError, ValidationError } from '../kernel/errors.ts';
import { activePlans, outboundPlan } from './active-plans.ts';
import { builtinsOf, type Builtins } from './builtin.ts';
import { dependentsOf, recordDependencies } from './dependencies.ts';
import { parseMapping, type Mapping } from './language/parse-mapping.ts';
import { publishMapping, retireMapping } from './publish.ts';

let db: TestStore;
let builtins: Builtins;

const SHIPPED = `
id: acme.product
version: 1
source: { connection: acme, object: Product }
target: { object: sku }
fields:
  externalRef: { from: record.id, key: true }
  skuCode: { from: src.Code }
  name: { from: src.Name }
`;
const OUTBOUND = `
id: acme.account-out
version: 1
source: { object: outboundAccountSummary }
target: { connection: acme, object: Account }
fields: { Status: { from: src.status } }
`;
const REF = { connector: 'acme', connection: 'crm', object: 'Product' };

beforeAll(async () => {
  db = await testStore();
  const steps = await shippedSteps();
  const mappings = [SHIPPED, OUTBOUND].map((text): Mapping => {
    const parsed = parseMapping(text, 'acme.yaml', steps);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    return parsed.mapping;
  });
  builtins = builtinsOf(mappings, steps);
});

afterAll(async () => {
  await db.close();
});

function override(version: number, rows: string): string {
  return `# why: our part numbers live elsewhere\nid: acme.product\nversion: ${version}\nextends: builtin:acme.product@1\nfields:\n  ${rows}\n`;
}

async function activeVersions(tenantId: string): Promise<readonly string[]> {
  const plans = await db.store.withTenant(tenantId, (tx) => activePlans(tx, builtins, REF));
  return plans.map((plan) => `${plan.id}@${plan.version}`);
}

const publish = (text: string) =>
  db.store.withTenant(db.tenantId, (tx) => publishMapping(tx, builtins, { text, person: 'usr_1' }));

describe('mappings in effect', () => {
  test('a shipped mapping holds until the tenant publishes another, and again after that is retired', async () => {
    const before = await activeVersions(db.tenantId);
    await publish(override(2, 'skuCode: { from: src.PartNumber }'));
    const published = await activeVersions(db.tenantId);
    const elsewhere = await activeVersions(db.otherTenantId);
    await db.store.withTenant(db.tenantId, (tx) => retireMapping(tx, 'acme.product'));
    const after = await activeVersions(db.tenantId);

    expect({ before, published, elsewhere, after }).toEqual({
      before: ['acme.product@1'],
      published: ['acme.product@2'],
      elsewhere: ['acme.product@1'],
      after: ['acme.product@1'],
    });
  });

  test('a published version must be newer than every one before, retired ones too', async () => {
    await expect(publish(override(2, 'skuCode: { from: src.X }'))).rejects.toThrow(StaleError);

    const newer = await publish(override(3, 'skuCode: { from: src.X }'));

    expect(newer.version).toBe(3);
  });

  test('what is published keeps the text as the person wrote it, and one version is in effect', async () => {
    await publish(override(4, 'skuCode: { from: src.Y }'));

    const rows = await db.store.withTenant(db.tenantId, (tx) =>
      tx.sql<{ version: number; status: string; text: string }>(
        `select m.version, m.status, m.source_text as text from mapping_version m where m.mapping_id = 'acme.product' order by 1`,
      ),
    );

    expect(
      rows.filter(({ status }) => status === 'published').map(({ version }) => version),
    ).toEqual([4]);
    expect(rows.at(-1)?.text).toContain('# why: our part numbers live elsewhere');
  });

  test('several mappings may read one stream, and a mapping may be for one connection by name', async () => {
    await publish(`
id: own.alias
version: 1
source: { connection: crm, object: Product }
target: { object: skuAlias }
fields:
  externalRef: { from: record.id, key: true }
  externalSku: { from: src.OldCode }
  skuCode: { from: src.Code }
`);

    const plans = await activeVersions(db.tenantId);
    const other = await db.store.withTenant(db.tenantId, (tx) =>
      activePlans(tx, builtins, { ...REF, connection: 'crm-2' }),
    );

    expect(plans).toEqual(['acme.product@4', 'own.alias@1']);
    expect(other.map(({ id }) => id)).toEqual(['acme.product']);
  });

  test('a mapping that does not fit or fails its own test is not published, with the problems told', async () => {
    const failing =
      `${SHIPPED}tests:\n  - name: wrong\n    given: { Code: A, Name: N }\n    expect: { skuCode: B }\n`.replace(
        'version: 1',
        'version: 9',
      );

    await expect(publish('id: acme.product\nversion: 9')).rejects.toThrow(ValidationError);
    await expect(publish(failing)).rejects.toMatchObject({
      details: {
        problems: [expect.objectContaining({ pointer: '/tests/0', code: 'test_failed' })],
      },
    });
    expect(await activeVersions(db.tenantId)).toContain('acme.product@4');
  });

  test('an outbound mapping is found by document and vendor object, and its absence says what to do', async () => {
    const ref = { connector: 'acme', connection: 'crm', object: 'Account' };
    const find = (document: string) =>
      db.store.withTenant(db.tenantId, (tx) => outboundPlan(tx, builtins, { ...ref, document }));

    const plan = await find('outboundAccountSummary');

    expect(plan.id).toBe('acme.account-out');
    await expect(find('outboundOrder')).rejects.toThrow(NotFoundError);
  });

  test('a plan is compiled once per content', async () => {
    const find = () => db.store.withTenant(db.tenantId, (tx) => activePlans(tx, builtins, REF));

    const [first, second] = [await find(), await find()];

    expect(second[0]).toBe(first[0]);
  });
});

describe('dependencies', () => {
  const scope = { connection: 'crm', stream: 'Line', mappingId: 'acme.line' };
  const parent = (ids: readonly string[]) => ({ connection: 'crm', stream: 'Deal', ids });

  test('a change of a parent names the children that included it, once each', async () => {
    const found = await db.store.withTenant(db.tenantId, async (tx) => {
      await recordDependencies(tx, scope, [
        {
          id: 'l1',
          parents: [
            { stream: 'Deal', id: 'd1' },
            { stream: 'Product', id: 'p1' },
          ],
        },
        {
          id: 'l2',
          parents: [
            { stream: 'Deal', id: 'd1' },
            { stream: 'Deal', id: 'd2' },
          ],
        },
      ]);
      return await dependentsOf(tx, parent(['d1', 'd2', 'd9']));
    });

    expect(found).toEqual([
      { stream: 'Line', id: 'l1' },
      { stream: 'Line', id: 'l2' },
    ]);
  });

  test('mapping a child again replaces its parents, and no parents take it out', async () => {
    const found = await db.store.withTenant(db.tenantId, async (tx) => {
      await recordDependencies(tx, scope, [
        { id: 'l1', parents: [{ stream: 'Deal', id: 'd3' }] },
        { id: 'l2', parents: [] },
      ]);
      return {
        old: await dependentsOf(tx, parent(['d1', 'd2'])),
        now: await dependentsOf(tx, parent(['d3'])),
      };
    });

    expect(found).toEqual({ old: [], now: [{ stream: 'Line', id: 'l1' }] });
  });

  test('another tenant and another connection have none', async () => {
    const elsewhere = await db.store.withTenant(db.otherTenantId, (tx) =>
      dependentsOf(tx, parent(['d3'])),
    );
    const other = await db.store.withTenant(db.tenantId, (tx) =>
      dependentsOf(tx, { ...parent(['d3']), connection: 'crm-2' }),
    );

    expect([elsewhere, other]).toEqual([[], []]);
  });
});
