import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startHarness, type Harness } from '../../test/support/flow-harness.ts';
import { textOf } from '../../test/support/company-twins.ts';
import { sumQuantities } from '../kernel/quantity.ts';
import { factsOf } from '../ledger/facts.ts';
import { traceId } from './flows/trace-id.ts';
import type { TraceHop } from './trace/trace-hop.ts';

let world: Harness;
let purchaseId: string;
let skuCode: string;

/** A purchase of a part number that a paper agreement has put into the catalogue, ten ordered and six received. */
beforeAll(async () => {
  world = await startHarness();
  for (const each of ['files', 'crm', 'erp']) await world.pull(each);
  const { netsuite } = world.twins;
  const skus = await world.inTx((tx) => factsOf(tx, 'sku', { connection: 'files' }));
  skuCode = skus.find(({ body }) => body.metricCode !== undefined)?.body.skuCode ?? '';
  const create = (object: string, fields: object): Promise<string> =>
    netsuite.mutate({ object, operation: 'create', fields: { ...fields } });
  const item = await create('item', { itemId: skuCode, itemType: 'NonInvtPart' });
  const vendor = await create('vendor', { entityId: 'V1', companyName: 'Corvane Systems' });
  const [subsidiary] = await netsuite.records('subsidiary');
  const [currency] = await netsuite.records('currency');
  purchaseId = await create('purchaseOrder', {
    entity: { id: vendor },
    subsidiary: { id: textOf(subsidiary, 'id') },
    currency: { id: textOf(currency, 'id') },
    tranDate: '2026-01-15',
    status: { id: 'D' },
    item: {
      items: [
        { item: { id: item }, quantity: '10', rate: '80', quantityReceived: '6' },
        { item: { id: item }, quantity: '-1', rate: '80', quantityReceived: '-1' },
      ],
    },
  });
  await netsuite.advance(60);
  await world.pull('erp');
}, 180_000);
afterAll(() => world?.stop());

const entitlements = () =>
  world.inTx((tx) => factsOf(tx, 'entitlement', { where: { orderRef: purchaseId } }));
const rightsOwned = async (): Promise<string> => {
  const refs = new Set((await entitlements()).map(({ externalRef }) => externalRef));
  const all = await world.inTx((tx) => factsOf(tx, 'entitlementTransaction'));
  const own = all.filter(({ body }) => refs.has(body.entitlementRef));
  return sumQuantities(own.map(({ body }) => body.quantityDelta));
};
const hopsOf = async (id: string): Promise<readonly TraceHop[]> =>
  (await traceId(world.deps, world.caller, id)).hops;

describe('licensee rights', () => {
  test('come from what was received of a purchase, less what was given back', async () => {
    const [entitlement, ...others] = await entitlements();

    expect(others).toEqual([]);
    expect(entitlement?.body).toMatchObject({
      posture: 'licensee',
      ownerRef: 'own',
      skuCode,
      status: 'active',
      plannedQuantity: '10',
    });
    expect(await rightsOwned()).toBe('5');
  });

  test('grow with the next receipt', async () => {
    await world.twins.netsuite.mutate({
      object: 'purchaseOrder',
      operation: 'update',
      id: purchaseId,
      fields: { item: { items: [{ line: 1, quantityReceived: '10' }] } },
    });
    await world.twins.netsuite.advance(60);

    await world.pull('erp');

    expect(await rightsOwned()).toBe('9');
  });

  test('a purchase is traced to its lines, its rights and the rule that gave them', async () => {
    const hops = await hopsOf(purchaseId);

    const kinds = hops.map(({ kind, object }) => `${kind} ${object}`);
    expect(kinds).toEqual(
      expect.arrayContaining([
        'record purchaseOrder',
        'fact purchaseOrder',
        'fact purchaseOrderLine',
        'entitlement entitlement',
        'rights entitlementTransaction',
      ]),
    );
    const decided = hops.filter(({ kind }) => kind === 'entitlement' || kind === 'rights');
    for (const { rules } of decided) expect(rules).toEqual({ 'commerce.purchase-rights': 1 });
  });
});

describe('who changed a value', () => {
  test('in the ERP is told behind the record, from its system notes', async () => {
    const [order] = await world.twins.netsuite.records('salesOrder');
    const id = textOf(order, 'id');
    await world.twins.netsuite.mutate({ object: 'salesOrder', operation: 'update', id, fields: { otherRefNum: 'PO-NEW' } }); // prettier-ignore
    await world.twins.netsuite.advance(60);
    await world.pull('erp');

    const hops = await hopsOf(id);

    const at = hops.findIndex(({ kind, object }) => kind === 'record' && object === 'salesOrder');
    const changes = hops.filter(({ kind, system }) => kind === 'change' && system === 'erp');
    expect(hops.slice(at + 1, at + 1 + changes.length)).toEqual(changes);
    expect(new Set(changes.map(({ object, id: record }) => `${object} ${record}`))).toEqual(
      new Set([`salesOrder ${id}`]),
    );
    expect(changes.at(-1)?.summary).toMatch(
      /^Dana Controller: OTHERREFNUM from .+ to PO-NEW, at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/,
    );
  });

  test('in the CRM is told from its field history', async () => {
    const opportunity = (await world.twins.salesforce.records('Opportunity')).find(
      (each) => each['IsWon'] === false && each['IsClosed'] === false,
    );
    const id = textOf(opportunity, 'Id');
    await world.twins.salesforce.mutate({ object: 'Opportunity', operation: 'update', id, fields: { CloseDate: '2026-12-24' } }); // prettier-ignore
    await world.twins.salesforce.advance(60);
    await world.pull('crm');

    const changes = (await hopsOf(id)).filter(({ kind }) => kind === 'change');

    expect(new Set(changes.map(({ object, id: record }) => `${object} ${record}`))).toEqual(
      new Set([`Opportunity ${id}`]),
    );
    expect(changes.at(-1)?.summary).toMatch(/: CloseDate from \d{4}-\d\d-\d\d to 2026-12-24, at /);
  });
});
