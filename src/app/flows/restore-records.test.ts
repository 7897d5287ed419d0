import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { textOf } from '../../../test/support/company-twins.ts';
import { undoStory, type UndoStory } from '../../../test/support/undo-story.ts';
import type { OutboundAccountSummary } from '../../canonical/outbound/outbound-account-summary.ts';
import type { JsonObject } from '../../kernel/hash.ts';
import type { Document } from '../outbound-effects.ts';
import { approveChange } from './decide-change.ts';
import { decideWriteHold } from './decide-write-hold.ts';
import { listCreatedRecords } from './list-created-records.ts';
import { listRestoredRecords } from './list-restored-records.ts';
import { listWriteHolds } from './list-write-holds.ts';
import { publishChange } from './publish-change.ts';
import { putWriteLimits } from './put-write-limits.ts';
import { previewRollBack, rollBackMapping } from './roll-back-mapping.ts';
import { showChange } from './show-change.ts';

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

let story: UndoStory;
let accounts: readonly string[];

beforeAll(async () => {
  story = await undoStory();
  accounts = (await story.world.twins.salesforce.records('Account')).map((each) => textOf(each, 'Id')).slice(0, 6); // prettier-ignore
}, 90_000);
afterAll(() => story?.world.stop());

const summaryOf = (accountRef: string, given: Omit<OutboundAccountSummary, 'accountRef'>) => ({
  name: 'outboundAccountSummary' as const,
  canonicalId: `position:${accountRef}`,
  vendorId: accountRef,
  document: { ...given, accountRef },
});
const shown = async () => {
  const records = await story.world.twins.salesforce.records('Account');
  return new Map(
    records.map((record) => [textOf(record, 'Id'), MAPPED.map((name) => record[name] ?? null)]),
  );
};
const edit = (id: string, fields: JsonObject) =>
  story.world.twins.salesforce.mutate({ object: 'Account', operation: 'update', id, fields });

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
    expansionSignal: fc.constantFrom('near_limit', 'none'),
    openFindings: fc.integer({ min: 0, max: 50 }),
  },
  {
    requiredKeys: [
      'rightsOwned',
      'rightsInUse',
      'shortfall',
      'status',
      'asOf',
      'expansionSignal',
      'openFindings',
    ],
  },
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
        await story.write('crm', on(before));
        for (const { at, figure } of byHand)
          await edit(accounts[at] ?? '', { Trueup_Rights_Owned__c: figure });
        const was = await shown();
        const base = await story.versionInEffect(POSITION);
        for (const version of versions) {
          await story.publish(POSITION, version);
          await story.write('crm', on(after));
        }
        wrote += JSON.stringify([...(await shown())]) === JSON.stringify([...was]) ? 0 : 1;
        const done = await story.rollBackIfOther(POSITION, base);
        const outcome = done?.change.outcome ?? { created: 0, unknown: 0 };

        expect(done === null ? was : await shown()).toEqual(was);
        expect(outcome).toMatchObject({ created: 0, unknown: 0 });
      }),
      { numRuns: 12, endOnFailure: true },
    );

    expect(wrote).toBeGreaterThan(6);
  }, 240_000);

  test('keeps what a person changed since, tells it beforehand with all three values, and writes over it only where that is asked for', async () => {
    const [first = '', second = ''] = accounts;
    const summary = { rightsInUse: '4', shortfall: '0', expansionSignal: 'none' as const, status: 'compliant', asOf: '2026-03-02', openFindings: 0 }; // prettier-ignore
    const on = (owned: string) => [first, second].map((id) => summaryOf(id, { ...summary, rightsOwned: owned })); // prettier-ignore
    await story.write('crm', on('50'));
    const was = await shown();
    const base = await story.versionInEffect(POSITION);
    const rows = { Trueup_Rights_Owned__c: { value: 1 }, Trueup_Position_Status__c: { value: 'wrong' } }; // prettier-ignore
    await story.publish(POSITION, { fields: rows });
    await story.write('crm', on('51'));
    await edit(first, { Trueup_Rights_Owned__c: 4711 });
    const dryRun = await previewRollBack(story.world.deps, story.ana, {
      id: POSITION,
      version: base,
    });
    const kept = await story.rollBack(POSITION, base);
    const between = await shown();
    const list = await listRestoredRecords(story.world.deps, story.ana, { id: kept.change.id, limit: 9 }); // prettier-ignore
    const detail = await showChange(story.world.deps, story.ana, kept.change.id);
    await story.publish(POSITION, { fields: rows });
    await story.write('crm', on('52'));
    await edit(second, { Trueup_Position_Status__c: 'by hand' });
    const published = await story.versionInEffect(POSITION);
    await story.rollBack(POSITION, published - 1, { overwrite: true });

    const ofFirst = { object: 'Account', vendorId: first, field: 'Trueup_Rights_Owned__c', before: 50, written: 1, now: 4711 }; // prettier-ignore
    expect(dryRun).toMatchObject({
      records: { changed: 2, created: 0 },
      changedSince: { records: 1, fields: 1, complete: true, first: [ofFirst] },
    });
    expect(between).toEqual(
      new Map([...was, [first, [4711, ...(was.get(first) ?? []).slice(1)]] as const]),
    );
    expect(list.flatMap(({ vendorId, fields }) => fields.filter(({ did }) => did === 'kept').map((field) => ({ vendorId, ...field })))).toMatchObject([{ vendorId: first, field: 'Trueup_Rights_Owned__c', before: 50, written: 1, now: 4711 }]); // prettier-ignore
    expect(detail.restored).toEqual({ records: 2, settled: 2, changedSince: 1 });
    expect((await shown()).get(second)).toEqual(was.get(second));
  });

  test('what the CRM shows anew afterwards is the same content as before, so nothing is written twice', async () => {
    const document = { rightsOwned: '5', rightsInUse: '4', shortfall: '0', expansionSignal: 'none' as const, status: 'compliant', asOf: '2026-03-02', openFindings: 0 }; // prettier-ignore
    const one = [summaryOf(accounts[0] ?? '', document)];
    const base = await story.versionInEffect(POSITION);
    await story.write('crm', one);
    await edit(accounts[0] ?? '', { Trueup_Rights_Owned__c: 777 });
    const was = await shown();
    await story.publish(POSITION, { fields: { Trueup_Rights_Owned__c: { value: 1 } } });
    await story.write('crm', one);
    await story.rollBack(POSITION, base);
    const oracle = await story.world.twins.salesforce.oracle();
    await story.write('crm', one);

    expect(await shown()).toEqual(was);
    expect(await story.world.twins.salesforce.oracle()).toEqual(oracle);
  });

  test('F-76: of more records than the company allows waits for a person, unless another one approved as many', async () => {
    const { deps, caller } = story.world;
    const document = { rightsOwned: '6', rightsInUse: '4', shortfall: '0', expansionSignal: 'none' as const, status: 'compliant', asOf: '2026-03-02', openFindings: 0 }; // prettier-ignore
    const on = (count: number) => accounts.slice(0, count).map((id) => summaryOf(id, document));
    const ownHold = async () => (await listWriteHolds(deps, caller, { status: 'open', limit: 9 })).find(({ source }) => source === 'roll-back'); // prettier-ignore
    await story.write('crm', on(3));
    const was = await shown();
    const base = await story.versionInEffect(POSITION);
    await putWriteLimits(deps, caller, { records: 0, percent: 0 });
    const spoil = async () => {
      await story.publish(POSITION, { fields: { Trueup_Rights_Owned__c: { value: 1 } } }, false);
      await story.write('crm', on(2));
    };
    await spoil();
    const asTold = await story.rollBack(POSITION, base);
    const afterThat = [await ownHold(), await shown()];
    await spoil();
    const { change } = await rollBackMapping(deps, story.ana, { id: POSITION, version: base, restore: true, note: 'undo' }); // prettier-ignore
    await story.write('crm', on(3));
    const spoilt = await shown();
    await approveChange(deps, story.ben, { id: change.id, hash: change.hash });
    await publishChange(deps, story.ben, { id: change.id });
    await story.world.drain();
    const hold = await ownHold();
    const held = await shown();
    await decideWriteHold(deps, story.ben, { id: hold?.id ?? '', decision: 'released', hash: hold?.hash ?? '', reason: null }); // prettier-ignore
    await story.world.drain({ skipWaits: true });
    await putWriteLimits(deps, caller, {});

    expect(asTold.change.outcome).toMatchObject({ restored: 2 });
    expect(afterThat).toEqual([undefined, was]);
    expect(hold).toMatchObject({ intents: 3, counted: { changed: 3 } });
    expect(held).toEqual(spoilt);
    expect(await shown()).toEqual(was);
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
    await story.publish(RENEWAL, { fields: lean });
    await story.write('crm', [renewal('ren-old')]);
    const base = await story.versionInEffect(RENEWAL);
    const opportunities = async () =>
      (await story.world.twins.salesforce.records('Opportunity')).map((each) => `${textOf(each, 'Id')} ${textOf(each, 'Name')}`); // prettier-ignore
    const was = await opportunities();
    await story.publish(RENEWAL, { fields: { ...lean, Name: { expr: '"Wrong " + src.name' } } });
    await story.write('crm', [renewal('ren-old'), renewal('ren-new')]);
    const made = (await opportunities()).filter((each) => each.endsWith('Wrong Renewal ren-new'));
    const done = await story.rollBack(RENEWAL, base);
    const created = await listCreatedRecords(story.world.deps, story.ana, {
      id: done.change.id,
      limit: 10,
    });
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
    const records = await story.world.twins.netsuite.records('estimate');
    return records.map(
      ({ custbody_trueup_intent: _intent, lastModifiedDate: _at, ...rest }) => rest,
    );
  };

  test('gives estimates their lines and fields back, in the forms that it takes', async () => {
    for (const each of ['crm', 'erp', 'people', 'files']) await story.world.pull(each);
    await story.world.ask('sync-renewals');
    await story.world.drain();
    const was = await estimates();
    const base = await story.versionInEffect(ESTIMATE);
    const shipped = story.world.deps.mappings.find(ESTIMATE)?.document.fields ?? {};
    await story.publish(ESTIMATE, { fields: { ...shipped, memo: { value: 'wrong' } } });
    const spoilt = await estimates();
    const done = await story.rollBack(ESTIMATE, base);

    expect(was.length).toBeGreaterThan(0);
    expect(spoilt.map(({ memo }) => memo)).toEqual(was.map(() => 'wrong'));
    expect(done.change.outcome).toMatchObject({ restored: was.length, created: 0, unknown: 0 });
    expect(await estimates()).toEqual(was);
  }, 120_000);
});
