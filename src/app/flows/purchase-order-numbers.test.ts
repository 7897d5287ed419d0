import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { textOf } from '../../../test/support/company-twins.ts';
import { startHarness, type Harness } from '../../../test/support/flow-harness.ts';
import type { JsonObject } from '../../kernel/hash.ts';
import { listFindings } from '../../licensing/runs.ts';
import { startReconciliation } from './start-reconciliation.ts';

const OPPORTUNITY = 'custbody_trueup_opportunity';

let world: Harness;
/** Two orders in the ERP that belong to deals of the CRM and do not say so any more. */
let orders: readonly { readonly id: string; readonly number: string; readonly deal: string }[];

const pull = async (connection: string, twin: 'salesforce' | 'netsuite'): Promise<void> => {
  await world.twins[twin].advance(60);
  await world.pull(connection);
};
/** Of our two orders, those that the CRM does not know. */
const unknown = async (): Promise<readonly string[]> => {
  await startReconciliation(world.deps, world.caller);
  await world.drain();
  const findings = await world.inTx((tx) => listFindings(tx, { kind: 'missing_in_crm' }));
  return findings
    .map(({ subject }) => subject.id)
    .filter((id) => orders.some((order) => order.id === id))
    .toSorted();
};
const write = (object: string, id: string, fields: JsonObject) =>
  world.twins.salesforce.mutate({ object, operation: 'update', id, fields });

beforeAll(async () => {
  world = await startHarness();
  const { netsuite } = world.twins;
  const drifted = new Set(world.company.planted.map(({ subject }) => subject.id));
  const named = (await netsuite.records('salesOrder')).filter(
    (order) => typeof order[OPPORTUNITY] === 'string',
  );
  const all = named.map((order) => ({
    id: textOf(order, 'id'),
    number: textOf(order, 'otherRefNum'),
    deal: textOf(order, OPPORTUNITY),
  }));
  orders = all.filter(({ deal }) => !drifted.has(deal)).slice(0, 2);
  for (const { id } of orders)
    await netsuite.mutate({ object: 'salesOrder', operation: 'update', id, fields: { [OPPORTUNITY]: null } }); // prettier-ignore
  for (const each of ['crm', 'erp']) await world.pull(each);
}, 120_000);
afterAll(() => world?.stop());

describe('an order that names no deal', () => {
  test('is found by the purchase order number on the deal, or on the order that the CRM has for it', async () => {
    const [first, second] = orders;
    const before = await unknown();
    await write('Opportunity', first?.deal ?? '', { Trueup_PO_Number__c: ` ${first?.number.toLowerCase()} ` }); // prettier-ignore
    const crmOrders = await world.twins.salesforce.records('Order');
    const ofSecond = crmOrders.find((order) => order['OpportunityId'] === second?.deal);
    await write('Order', textOf(ofSecond, 'Id'), { PoNumber: second?.number ?? '' });
    await pull('crm', 'salesforce');

    expect(before).toEqual(orders.map(({ id }) => id).toSorted());
    expect(await unknown()).toEqual([]);
  }, 60_000);
});
