import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { textOf } from '../../../test/support/company-twins.ts';
import { startHarness, type Harness } from '../../../test/support/flow-harness.ts';
import type { OutboundAccountSummary } from '../../canonical/outbound/outbound-account-summary.ts';
import { proposeIntents } from '../../delivery/intents.ts';
import { getConnection } from '../../intake/connections.ts';
import { StaleError } from '../../kernel/errors.ts';
import type { JsonObject } from '../../kernel/hash.ts';
import { findDraft } from '../../mapping/drafts.ts';
import { liveVersion } from '../../mapping/versions.ts';
import { systemCaller, type Caller } from '../../security/caller.ts';
import { effectsOn, type Document } from '../outbound-effects.ts';
import { deliverWork, request } from '../request.ts';
import { approveChange } from './decide-change.ts';
import { listCreatedRecords } from './list-created-records.ts';
import { publishChange } from './publish-change.ts';
import { rollBackMapping } from './roll-back-mapping.ts';
import { saveDraft } from './save-draft.ts';
import { submitMapping } from './submit-mapping.ts';

// Publishing an outbound mapping and rolling it back with restore, against the Salesforce twin.

const POSITION = 'salesforce.position-to-account';
const RENEWAL = 'salesforce.renewal-to-opportunity';
const MAPPED = [
  'Trueup_Rights_Owned__c',
  'Trueup_Rights_In_Use__c',
  'Trueup_Shortfall__c',
  'Trueup_Position_Status__c',
  'Trueup_Position_As_Of__c',
  'Trueup_Next_Renewal__c',
  'Trueup_Open_Findings__c',
] as const;

const LINE = {
  skuCode: 'MER-CORE-ENT',
  quantity: '10',
  unitPrice: '10.00',
  amount: '100.00',
  serviceFrom: '2026-06-01',
  serviceToInclusive: '2027-05-31',
};

let world: Harness;
let ana: Caller;
let ben: Caller;
let accounts: readonly string[];

beforeAll(async () => {
  world = await startHarness();
  const { tenantId } = world.caller;
  [ana, ben] = [systemCaller(tenantId, 'ana'), systemCaller(tenantId, 'ben')];
  await world.allowWrites();
  await world.drain();
  accounts = (await world.twins.salesforce.records('Account')).map((each) => textOf(each, 'Id')).slice(0, 6); // prettier-ignore
}, 90_000);
afterAll(() => world?.stop());

async function carryOut(change: { readonly id: string; readonly hash: string }) {
  await approveChange(world.deps, ben, { id: change.id, hash: change.hash });
  const done = await publishChange(world.deps, ben, { id: change.id });
  await world.drain();
  return done;
}
const versionInEffect = async (id: string) =>
  (await world.inTx((tx) => liveVersion(tx, world.deps.mappings, id)))?.version ?? 0;

async function publish(id: string, patch: object) {
  const base = await world.inTx((tx) => liveVersion(tx, world.deps.mappings, id));
  const { tests: _tests, ...document } = base?.document ?? { fields: {} };
  expect(await world.inTx((tx) => findDraft(tx, id))).toBeNull();
  await saveDraft(world.deps, ana, { id, seen: 'none', text: stringify({ ...document, ...patch }, { aliasDuplicateObjects: false }) }); // prettier-ignore
  return carryOut(await submitMapping(world.deps, ana, { id, note: '', replay: true }));
}
async function rollBack(id: string, version: number) {
  const input = { id, version, restore: true, note: 'undo' };
  const { change } = await rollBackMapping(world.deps, ana, input);
  return carryOut(change);
}
/** Content that is in effect already needs no way back. */
function sameContent(error: unknown): null {
  if (error instanceof StaleError && error.message.includes('in effect already')) return null;
  throw error;
}
async function write<Name extends 'outboundAccountSummary' | 'outboundRenewal'>(
  documents: readonly Document<Name>[],
) {
  await world.inTx(async (tx) => {
    const crm = await getConnection(tx, 'crm');
    const { effects, failures } = await effectsOn(world.deps, tx, crm, documents);
    expect(failures).toEqual([]);
    const { targets } = await proposeIntents(tx, effects);
    await request(world.deps, tx, targets.map(deliverWork));
  });
  await world.drain();
}
const summaryOf = (accountRef: string, given: Omit<OutboundAccountSummary, 'accountRef'>) => ({
  name: 'outboundAccountSummary' as const,
  canonicalId: `position:${accountRef}`,
  vendorId: accountRef,
  document: { ...given, accountRef },
});
const shown = async () => {
  const records = await world.twins.salesforce.records('Account');
  return new Map(
    records.map((record) => [textOf(record, 'Id'), MAPPED.map((name) => record[name] ?? null)]),
  );
};
const edit = (id: string, fields: JsonObject) =>
  world.twins.salesforce.mutate({ object: 'Account', operation: 'update', id, fields });

const Figure = fc.integer({ min: 0, max: 9_999 }).map(String);
const Day = fc.constantFrom('2026-03-02', '2026-12-31', '2027-06-30');
const Summary: fc.Arbitrary<Omit<OutboundAccountSummary, 'accountRef'>> = fc.record(
  {
    rightsOwned: Figure,
    rightsInUse: Figure,
    shortfall: Figure,
    status: fc.constantFrom('compliant', 'non_compliant'),
    asOf: Day,
    nextRenewal: Day,
    openFindings: fc.integer({ min: 0, max: 50 }),
  },
  { requiredKeys: ['rightsOwned', 'rightsInUse', 'shortfall', 'status', 'asOf', 'openFindings'] },
);
const figureRow = fc.oneof(
  fc.constantFrom('src.rightsOwned', 'src.shortfall').map((from) => ({ from, to: 'number' })),
  fc.integer({ min: 0, max: 99 }).map((value) => ({ value })),
);
const textRow = fc.oneof(
  fc.constant({ from: 'src.status' }),
  fc.constant({ expr: 'src.status + "!"' }),
  fc.constant({ value: 'unknown' }),
);
const dayRow = fc.oneof(
  fc.constant({ from: 'src.nextRenewal', blankPolicy: 'clear' }),
  fc.constant({ from: 'src.nextRenewal' }),
  fc.constant({ from: 'src.asOf' }),
  fc.constant({ value: '2030-01-01' }),
);
/** Any rows over the fields that the CRM has for a position, one at least. */
const Fields = fc
  .record(
    {
      Trueup_Rights_Owned__c: figureRow,
      Trueup_Rights_In_Use__c: figureRow,
      Trueup_Shortfall__c: figureRow,
      Trueup_Position_Status__c: textRow,
      Trueup_Position_As_Of__c: dayRow,
      Trueup_Next_Renewal__c: dayRow,
      Trueup_Open_Findings__c: fc.constant({ from: 'src.openFindings' }),
    },
    { requiredKeys: ['Trueup_Position_Status__c'] },
  )
  .map((fields) => ({ fields }));
const Story = fc.record({
  before: fc.array(Summary, { minLength: 0, maxLength: 4 }),
  byHand: fc.array(fc.record({ at: fc.nat(5), figure: fc.nat(500) }), { maxLength: 2 }),
  versions: fc.array(Fields, { minLength: 1, maxLength: 2 }),
  after: fc.array(Summary, { minLength: 1, maxLength: 6 }),
});

describe('a roll back with restore', () => {
  test('for any mapping and any records leaves every mapped field in the other system as it was', async () => {
    let wrote = 0;
    await fc.assert(
      fc.asyncProperty(Story, async ({ before, byHand, versions, after }) => {
        const on = (list: typeof after) =>
          list.map((each, index) => summaryOf(accounts[index] ?? '', each));
        await write(on(before));
        for (const { at, figure } of byHand)
          await edit(accounts[at] ?? '', { Trueup_Rights_Owned__c: figure });
        const was = await shown();
        const base = await versionInEffect(POSITION);
        for (const version of versions) {
          await publish(POSITION, version);
          await write(on(after));
        }
        wrote += JSON.stringify([...(await shown())]) === JSON.stringify([...was]) ? 0 : 1;
        const done = await rollBack(POSITION, base).catch(sameContent);
        const outcome = done?.change.outcome ?? { created: 0, unknown: 0 };

        expect(done === null ? was : await shown()).toEqual(was);
        expect(outcome).toMatchObject({ created: 0, unknown: 0 });
      }),
      { numRuns: 20, endOnFailure: true },
    );

    expect(wrote).toBeGreaterThan(12);
  }, 240_000);

  test('what the CRM shows anew afterwards is the same content as before, so nothing is written twice', async () => {
    const document = { rightsOwned: '5', rightsInUse: '4', shortfall: '0', status: 'compliant', asOf: '2026-03-02', openFindings: 0 }; // prettier-ignore
    const one = [summaryOf(accounts[0] ?? '', document)];
    const base = await versionInEffect(POSITION);
    await write(one);
    await edit(accounts[0] ?? '', { Trueup_Rights_Owned__c: 777 });
    const was = await shown();
    await publish(POSITION, { fields: { Trueup_Rights_Owned__c: { value: 1 } } });
    await write(one);
    await rollBack(POSITION, base);
    const oracle = await world.twins.salesforce.oracle();
    await write(one);

    expect(await shown()).toEqual(was);
    expect(await world.twins.salesforce.oracle()).toEqual(oracle);
  });

  test('leaves records alone that the version made, and lists exactly those for a person to cancel', async () => {
    const renewal = (id: string): Document<'outboundRenewal'> => ({
      name: 'outboundRenewal',
      canonicalId: id,
      vendorId: null,
      document: {
        renewalId: id,
        name: `Renewal ${id}`,
        accountRef: accounts[0] ?? '',
        currency: 'EUR',
        renewalFrom: '2026-06-01',
        renewalToInclusive: '2027-05-31',
        noticeDeadline: '2026-03-31',
        closeDate: '2026-05-31',
        lines: [LINE],
        total: '100.00',
      },
    });
    const lean = { Name: { from: 'src.name' }, AccountId: { from: 'src.accountRef' }, StageName: { value: 'Prospecting' }, CloseDate: { from: 'src.closeDate' }, CurrencyIsoCode: { from: 'src.currency' }, Type: { value: 'Renewal' } }; // prettier-ignore
    await publish(RENEWAL, { fields: lean });
    await write([renewal('ren-old')]);
    const base = await versionInEffect(RENEWAL);
    const opportunities = async () =>
      (await world.twins.salesforce.records('Opportunity')).map((each) => `${textOf(each, 'Id')} ${textOf(each, 'Name')}`); // prettier-ignore
    const was = await opportunities();
    await publish(RENEWAL, { fields: { ...lean, Name: { expr: '"Wrong " + src.name' } } });
    await write([renewal('ren-old'), renewal('ren-new')]);
    const made = (await opportunities()).filter((each) => each.endsWith('Wrong Renewal ren-new'));
    const done = await rollBack(RENEWAL, base);
    const created = await listCreatedRecords(world.deps, ana, { id: done.change.id, limit: 10 });
    const now = await opportunities();

    expect(done.change.outcome).toMatchObject({ restored: 1, created: 1, unknown: 0 });
    expect(created.map(({ vendorId, canonicalId }) => [vendorId, canonicalId])).toEqual([
      [made[0]?.split(' ')[0], 'ren-new'],
    ]);
    expect(now.toSorted()).toEqual([...was, ...made].toSorted());
  });
});

describe('a roll back with restore in the ERP', () => {
  const ESTIMATE = 'netsuite.renewal-to-estimate';
  /** An estimate without what tells of the write itself. */
  const estimates = async () => {
    const records = await world.twins.netsuite.records('estimate');
    return records.map(
      ({ custbody_trueup_intent: _intent, lastModifiedDate: _at, ...rest }) => rest,
    );
  };

  test('gives estimates their lines and fields back, in the forms that it takes', async () => {
    for (const each of ['crm', 'erp', 'people', 'files']) await world.pull(each);
    await world.ask('sync-renewals');
    await world.drain();
    const was = await estimates();
    const base = await versionInEffect(ESTIMATE);
    const shipped = world.deps.mappings.find(ESTIMATE)?.document.fields ?? {};
    await publish(ESTIMATE, { fields: { ...shipped, memo: { value: 'wrong' } } });
    const spoilt = await estimates();
    const done = await rollBack(ESTIMATE, base);

    expect(was.length).toBeGreaterThan(0);
    expect(spoilt.map(({ memo }) => memo)).toEqual(was.map(() => 'wrong'));
    expect(done.change.outcome).toMatchObject({ restored: was.length, created: 0, unknown: 0 });
    expect(await estimates()).toEqual(was);
  }, 120_000);
});
