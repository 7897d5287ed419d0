import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { serveApi } from '../../../test/support/api.ts';
import { makeCliHome } from '../../../test/support/cli.ts';
import { textOf } from '../../../test/support/company-twins.ts';
import { undoStory, type UndoStory } from '../../../test/support/undo-story.ts';
import { OutboundRenewal } from '../../canonical/outbound/outbound-renewal.ts';
import type { JsonObject } from '../../kernel/hash.ts';
import type { CancellationBody } from '../draw-up-cancellation.ts';
import type { Document } from '../outbound-effects.ts';
import { outboundDocuments } from '../outbound-documents.ts';
import { approvePlan } from './approve-plan.ts';
import { approveChange } from './decide-change.ts';
import { requestApply } from './request-apply.ts';
import { showChange } from './show-change.ts';
import { showPlan } from './show-plan.ts';

// What a rolled back version made is offered for cancellation, in the way of its own system.

let story: UndoStory;
let given: OutboundRenewal;

beforeAll(async () => {
  story = await undoStory();
  const { world } = story;
  for (const each of ['crm', 'erp', 'people', 'files']) await world.pull(each);
  await world.ask('sync-renewals');
  await world.drain();
  const documents = await world.inTx((tx) =>
    outboundDocuments(world.deps, tx, 'outboundRenewal', 'erp'),
  );
  const found = documents
    .map(({ data }) => OutboundRenewal.parse(data))
    .find(({ erpCustomerRef, lines }) => erpCustomerRef !== undefined && lines.length > 1);
  if (found === undefined) throw new Error('The company has no renewal that the ERP knows.');
  given = found;
}, 120_000);
afterAll(() => story?.world.stop());

const renewal = (id: string): Document<'outboundRenewal'> => ({ name: 'outboundRenewal', canonicalId: id, vendorId: null, document: { ...given, renewalId: id, name: `Renewal ${id}` } }); // prettier-ignore
const order = (id: string): Document<'outboundOrder'> => ({
  name: 'outboundOrder',
  canonicalId: id,
  vendorId: null,
  document: {
    dealId: id,
    opportunityRef: id,
    opportunityName: `Deal ${id}`,
    erpCustomerRef: given.erpCustomerRef ?? '',
    ...(given.subsidiaryRef === undefined ? {} : { subsidiaryRef: given.subsidiaryRef }),
    currency: given.currency,
    orderDate: '2026-03-02',
    lines: given.lines.slice(0, 2).map(({ skuCode, quantity, unitPrice }, at) => ({ lineNumber: at + 1, skuCode, quantity, unitPrice, serviceFrom: '2026-05-01' })), // prettier-ignore
  },
});

/** The plan that a rolled back request has for what was made. */
async function offered(changeId: string) {
  const { cancellation } = await showChange(story.world.deps, story.ana, changeId);
  const plan = await showPlan(story.world.deps, story.ana, cancellation?.id ?? '');
  return { ...plan, body: plan.body as CancellationBody };
}
async function apply({ id, hash }: { readonly id: string; readonly hash: string }) {
  await approvePlan(story.world.deps, story.ben, { id, hash });
  await requestApply(story.world.deps, story.ben, id);
  await story.world.drain();
}
const inCrm = async (id: string | null) => (await story.world.twins.salesforce.records('Opportunity')).find((each) => each['Id'] === id); // prettier-ignore
const inErp = async (object: string, id: string | null) => (await story.world.twins.netsuite.records(object)).find((each) => each['id'] === id); // prettier-ignore
const reasons = ({ body }: { readonly body: CancellationBody }) => body.cancellation.refused.map(({ label, reason }) => `${label}: ${reason}`); // prettier-ignore

/** Publishes a version, has documents written by it, lets people work on them, and rolls it back. */
async function madeAndUndone(
  mapping: string,
  connection: 'crm' | 'erp',
  documents: readonly Document<'outboundOrder' | 'outboundRenewal'>[],
  work: (refs: readonly JsonObject[]) => Promise<unknown> = async () => undefined,
) {
  const base = await story.versionInEffect(mapping);
  const { title } = await story.inEffect(mapping);
  const { fields } = (await story.inEffect(mapping)) as { readonly fields: JsonObject };
  const changed = connection === 'crm' ? { Description: { value: 'x' } } : { otherRefNum: { value: 'x' } }; // prettier-ignore
  await story.publish(mapping, { title, fields: { ...fields, ...changed } }, false);
  await story.write(connection, documents);
  await work([]);
  const { change } = await story.rollBack(mapping, base);
  return change;
}

describe('what a rolled back version made in the CRM', () => {
  test('is offered as a plan, is closed as lost once that is approved, and read back', async () => {
    const change = await madeAndUndone('salesforce.renewal-to-opportunity', 'crm', [
      renewal('c-1'),
      renewal('c-2'),
    ]);
    const plan = await offered(change.id);
    const [one, two] = plan.body.cancellation.records;
    const before = await inCrm(one?.vendorId ?? null);
    await apply(plan);
    const after = await offered(change.id);

    expect([plan.kind, plan.status, change.outcome?.created]).toEqual(['cancellation', 'waiting', 2]); // prettier-ignore
    expect(new Set([one?.label, two?.label])).toEqual(new Set(['Renewal c-1', 'Renewal c-2']));
    expect([one?.as, one?.fields, one?.present]).toEqual(['closed as lost', { StageName: 'Closed Lost' }, { StageName: 'Prospecting' }]); // prettier-ignore
    expect(before).toMatchObject({ IsClosed: false });
    expect(await inCrm(one?.vendorId ?? null)).toMatchObject({ StageName: 'Closed Lost', IsClosed: true, IsWon: false }); // prettier-ignore
    expect(after).toMatchObject({ id: plan.id, status: 'applied' });
    expect(after.intents.map(({ state, readBack }) => [state, readBack])).toEqual([
      ['APPLIED', true],
      ['APPLIED', true],
    ]);
  });

  test('is not touched where it moved since the approval: the plan is stale, and another is drawn up from what is there now', async () => {
    const change = await madeAndUndone('salesforce.renewal-to-opportunity', 'crm', [
      renewal('m-1'),
      renewal('m-2'),
    ]);
    const plan = await offered(change.id);
    const won = plan.body.cancellation.records.find(({ label }) => label === 'Renewal m-1');
    await story.world.twins.salesforce.mutate({ object: 'Opportunity', operation: 'update', id: won?.vendorId ?? '', fields: { StageName: 'Closed Won' } }); // prettier-ignore
    await expect(apply(plan)).rejects.toMatchObject({ status: 409, message: expect.stringContaining('Opportunity Renewal m-1: approved closed as lost') }); // prettier-ignore
    await story.world.drain();
    const old = await showPlan(story.world.deps, story.ana, plan.id);
    const next = await offered(change.id);
    await apply(next);

    expect(old.intents).toEqual([]);
    expect(['stale', 'superseded']).toContain(old.status);
    expect(old.moved).toEqual([{ path: 'Opportunity Renewal m-1', approved: 'closed as lost', now: 'It is closed already (Closed Won).' }]); // prettier-ignore
    expect(next.id).not.toBe(plan.id);
    expect(reasons(next)).toEqual(['Renewal m-1: It is closed already (Closed Won).']);
    expect(await inCrm(won?.vendorId ?? null)).toMatchObject({ StageName: 'Closed Won' });
    expect((await offered(change.id)).status).toBe('applied');
  });

  test('is not offered where the version in effect writes it too', async () => {
    const base = await story.versionInEffect('salesforce.renewal-to-opportunity');
    const { fields } = (await story.inEffect('salesforce.renewal-to-opportunity')) as { readonly fields: JsonObject }; // prettier-ignore
    await story.publish('salesforce.renewal-to-opportunity', { fields: { ...fields, Description: { value: 'y' } } }, false); // prettier-ignore
    await story.write('crm', [renewal('w-1'), renewal('w-2')]);
    const { change } = await story.rollBack('salesforce.renewal-to-opportunity', base);
    const first = await offered(change.id);
    await story.write('crm', [renewal('w-1')]);
    await expect(apply(first)).rejects.toMatchObject({ status: 409 });
    await story.world.drain();
    const next = await offered(change.id);

    expect(first.body.cancellation.records.length).toBe(2);
    expect(next.body.cancellation.records.map(({ label }) => label)).toEqual(['Renewal w-2']);
    expect(reasons(next).join()).toContain('as it is in effect, writes it too');
  });
});

describe('what a rolled back version made in the ERP', () => {
  test('an order is closed line by line; one that is billed is listed with the reason', async () => {
    const change = await madeAndUndone('netsuite.order-to-sales-order', 'erp', [order('o-1'), order('o-2')], async () => {
      const orders = await story.world.twins.netsuite.records('salesOrder');
      const billed = orders.find((each) => each['custbody_trueup_opportunity'] === 'o-2') ?? {};
      await story.world.twins.netsuite.mutate({ object: 'salesOrder', operation: 'update', id: textOf(billed, 'id'), fields: { item: { items: [{ line: '1', quantityBilled: '1' }] } } }); // prettier-ignore
    }); // prettier-ignore
    const plan = await offered(change.id);
    await apply(plan);
    const [closed] = plan.body.cancellation.records;

    expect(plan.body.cancellation.records.map(({ canonicalId, as }) => [canonicalId, as])).toEqual([['o-1', 'closed, line by line']]); // prettier-ignore
    expect(reasons(plan).join()).toMatch(/1 of its 2 lines are billed\. Credit the invoice/);
    expect(await inErp('salesOrder', closed?.vendorId ?? null)).toMatchObject({ status: { id: 'H' } }); // prettier-ignore
    expect((await offered(change.id)).status).toBe('applied');
  });

  test('an estimate is closed as lost', async () => {
    const change = await madeAndUndone('netsuite.renewal-to-estimate', 'erp', [renewal('e-1')]);
    const plan = await offered(change.id);
    await apply(plan);
    const [closed] = plan.body.cancellation.records;

    expect(await inErp('estimate', closed?.vendorId ?? null)).toMatchObject({
      status: { id: 'C' },
    });
    expect((await offered(change.id)).status).toBe('applied');
  });
});

describe('a roll back in the CRM', () => {
  test('is told alike by REST and the command line: beforehand with what changed since, afterwards with what was kept and the plan', async () => {
    const id = 'salesforce.renewal-to-opportunity';
    const { harness, api, cli, key } = await served();
    const base = await story.versionInEffect(id);
    const { fields } = (await story.inEffect(id)) as { readonly fields: JsonObject };
    await story.write('crm', [renewal('t-1')]);
    await story.publish(id, { fields: { ...fields, Name: { value: 'all the same' } } }, false);
    await story.write('crm', [renewal('t-1'), renewal('t-2')]);
    const one = (await story.world.twins.salesforce.records('Opportunity')).find((each) => each['Trueup_Renewal_Of__c'] === 't-1'); // prettier-ignore
    await story.world.twins.salesforce.mutate({ object: 'Opportunity', operation: 'update', id: textOf(one, 'Id'), fields: { Name: 'by hand' } }); // prettier-ignore
    const trueup = (...args: readonly string[]) => cli.run(['mappings', ...args, '--url', api.url], { TRUEUP_KEY: key }); // prettier-ignore
    const get = async (path: string) => (await api.call('GET', `/api/v1/change-requests/${path}`, { key })).body; // prettier-ignore
    const dryRun = await trueup('rollback', id, '--to', String(base), '--restore', '--dry-run');
    const asked = await trueup('rollback', id, '--to', String(base), '--restore', '--json');
    const { change } = JSON.parse(asked.out) as { readonly change: { readonly id: string; readonly hash: string } }; // prettier-ignore
    await approveChange(harness.deps, story.ben, { id: change.id, hash: change.hash });
    const published = trueup('publish', change.id);
    for (let at = 0; at < 40 && (await get(change.id)).cancellation === null; at += 1) {
      await delay(50);
      await harness.drain();
    }
    const kept = await trueup('restored', change.id, '--kept');
    const detail = await get(change.id);
    const { data } = await get(`${change.id}/restored`);
    await cli.stop();
    await api.close();

    expect(dryRun.out).toMatch(/1 fields of 1 records were changed since: kept; --overwrite/);
    expect(dryRun.out).toMatch(/Name +Renewal t-1 +all the same +by hand/);
    expect((await published).out).toContain(`trueup plans show ${detail.cancellation.id}`);
    expect(kept.out).toMatch(/Name +kept +Renewal t-1 +all the same +by hand/);
    expect(detail.restored).toMatchObject({ changedSince: 1 });
    expect(data.flatMap((each: { fields: { did: string }[] }) => each.fields.filter(({ did }) => did === 'kept'))).toEqual([{ field: 'Name', did: 'kept', before: 'Renewal t-1', written: 'all the same', now: 'by hand' }]); // prettier-ignore
  });
});

/** The API of the story's world, and a command line against it with an administrator's key. */
async function served() {
  const harness = story.world;
  const metrics = { render: async () => ({ contentType: 'text/plain', body: '' }) };
  const api = await serveApi({ ...harness.deps, version: '0.0.0-test', metrics });
  const { key } = await api.person(harness.caller.tenantId, ['admin']);
  return { harness, api, cli: await makeCliHome(), key };
}
