import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { textOf } from '../../../test/support/company-twins.ts';
import { undoStory, type UndoStory } from '../../../test/support/undo-story.ts';
import type { OutboundOrder } from '../../canonical/outbound/outbound-order.ts';
import { OutboundRenewal } from '../../canonical/outbound/outbound-renewal.ts';
import type { JsonObject } from '../../kernel/hash.ts';
import type { Document } from '../outbound-effects.ts';
import { outboundDocuments } from '../outbound-documents.ts';

// Publishing mappings of documents with lines and rolling them back with restore, in both systems, while people go on
// working there.

let story: UndoStory;
let given: OutboundRenewal;
let runs = 0;

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

/** What a document says, apart from whom it is for. */
const Saying = fc.record({
  name: fc.constantFrom('Renewal', 'Follow-up', 'Third term'),
  day: fc.constantFrom('2026-04-30', '2026-12-31', '2027-06-30'),
  number: fc.option(fc.constantFrom('PO-1', 'PO-22'), { nil: undefined }),
  lines: fc.array(fc.record({ quantity: fc.integer({ min: 1, max: 99 }), price: fc.integer({ min: 1, max: 900 }) }), { minLength: 1, maxLength: 3 }),
}); // prettier-ignore
type Saying = typeof Saying extends fc.Arbitrary<infer T> ? T : never;

const skuAt = (at: number): string => given.lines[at % given.lines.length]?.skuCode ?? '';

function renewal(canonicalId: string, { name, day, lines }: Saying): Document<'outboundRenewal'> {
  const term = { serviceFrom: '2026-05-01', serviceToInclusive: '2027-04-30' };
  const priced = lines.map(({ quantity, price }, at) => ({ ...term, skuCode: skuAt(at), quantity: String(quantity), unitPrice: String(price), amount: `${quantity * price}.00` })); // prettier-ignore
  const document = { ...given, renewalId: canonicalId, name, closeDate: day, lines: priced, total: '1.00' }; // prettier-ignore
  return { name: 'outboundRenewal', canonicalId, vendorId: null, document };
}

function order(
  canonicalId: string,
  { name, day, number, lines }: Saying,
): Document<'outboundOrder'> {
  const document: OutboundOrder = {
    dealId: canonicalId,
    opportunityRef: 'opp-1',
    opportunityName: name,
    erpCustomerRef: given.erpCustomerRef ?? '',
    ...(given.subsidiaryRef === undefined ? {} : { subsidiaryRef: given.subsidiaryRef }),
    currency: given.currency,
    orderDate: day,
    ...(number === undefined ? {} : { purchaseOrderNumber: number }),
    lines: lines.map(({ quantity, price }, at) => ({ lineNumber: at + 1, skuCode: skuAt(at), quantity: String(quantity), unitPrice: String(price), serviceFrom: '2026-05-01' })), // prettier-ignore
  };
  return { name: 'outboundOrder', canonicalId, vendorId: null, document };
}

/** One mapping of one system: how its documents are made, and what generated versions of it may say. */
interface Subject {
  readonly mapping: string;
  readonly connection: 'crm' | 'erp';
  readonly object: string;
  readonly document: (id: string, saying: Saying) => Document<'outboundOrder' | 'outboundRenewal'>;
  /** The field by which a record of ours is known, and the member of the document that it holds. */
  readonly ref: string;
  /** Rows that a version may put in the place of the shipped ones. */
  readonly rows: Readonly<Record<string, readonly object[]>>;
  /** Rows that a version may leave out. */
  readonly left: readonly string[];
  readonly shown: readonly string[];
  /** A field that people change by hand, to something that no mapping writes. */
  readonly byHand: JsonObject;
}

const SUBJECTS: readonly Subject[] = [
  {
    mapping: 'netsuite.renewal-to-estimate',
    connection: 'erp',
    object: 'estimate',
    document: renewal,
    ref: 'custbody_trueup_renewal_of',
    rows: {
      title: [{ value: 'all the same' }, { expr: 'src.name + "!"' }],
      dueDate: [{ value: '2030-01-01' }],
      otherRefNum: [{ from: 'src.name' }],
      tranDate: [{ from: 'src.closeDate' }],
    },
    left: ['title', 'dueDate', 'expectedCloseDate'],
    shown: ['title', 'dueDate', 'expectedCloseDate', 'otherRefNum', 'tranDate'],
    byHand: { title: 'agreed on the phone' },
  },
  {
    mapping: 'netsuite.order-to-sales-order',
    connection: 'erp',
    object: 'salesOrder',
    document: order,
    ref: 'custbody_trueup_opportunity',
    rows: {
      memo: [{ value: 'all the same' }, { from: 'src.purchaseOrderNumber', blankPolicy: 'clear' }],
      otherRefNum: [{ value: '' }, { from: 'src.purchaseOrderNumber', blankPolicy: 'clear' }],
      tranDate: [{ value: '2030-01-01' }],
    },
    left: ['memo', 'otherRefNum', 'tranDate'],
    shown: ['memo', 'otherRefNum', 'tranDate'],
    byHand: { memo: 'call before delivery' },
  },
  {
    mapping: 'salesforce.renewal-to-opportunity',
    connection: 'crm',
    object: 'Opportunity',
    document: renewal,
    ref: 'Trueup_Renewal_Of__c',
    rows: {
      Name: [{ value: 'all the same' }, { expr: '"Re: " + src.name' }],
      CloseDate: [{ value: '2030-01-01' }],
      Description: [{ from: 'src.name' }],
      Type: [{ value: '' }, { value: 'Add-On' }],
    },
    left: ['Type', 'Trueup_Notice_Date__c', 'lines'],
    shown: ['Name', 'CloseDate', 'Description', 'Type', 'Trueup_Notice_Date__c', 'StageName'],
    byHand: { Name: 'agreed on the phone' },
  },
];

/** Lines as a person sees them, whatever their numbers. */
function linesOf(
  { object }: Subject,
  record: JsonObject,
  items: readonly JsonObject[],
): JsonObject[] {
  if (object !== 'Opportunity') {
    const { items: lines } = record['item'] as { readonly items: readonly JsonObject[] };
    return lines.map(({ item = null, quantity = null, rate = null, isClosed = null }) => ({ item, quantity, rate, isClosed })); // prettier-ignore
  }
  return items
    .filter((line) => line['OpportunityId'] === record['Id'])
    .toSorted((a, b) => Number(a['SortOrder']) - Number(b['SortOrder']))
    .map(({ ProductCode = null, Quantity = null, UnitPrice = null, ServiceDate = null }) => ({ ProductCode, Quantity, UnitPrice, ServiceDate })); // prettier-ignore
}

const twinOf = ({ connection }: Subject) =>
  connection === 'crm' ? story.world.twins.salesforce : story.world.twins.netsuite;
const idOf = (record: JsonObject) => textOf(record, 'Id' in record ? 'Id' : 'id');

/** What the other system shows of records that were there, by their ids. */
async function shown(subject: Subject, ids?: readonly string[]) {
  const all = await twinOf(subject).records(subject.object);
  const items = await story.world.twins.salesforce.records('OpportunityLineItem');
  const ours = all.filter((record) => (record['Trueup_Id__c'] ?? record['externalId'] ?? null) !== null && (ids === undefined || ids.includes(idOf(record)))); // prettier-ignore
  const rows = ours.map((record): [string, JsonObject] => {
    const fields = subject.shown.map((name): [string, JsonObject[string]] => [name, record[name] ?? null]); // prettier-ignore
    return [
      idOf(record),
      { ...Object.fromEntries(fields), lines: linesOf(subject, record, items) },
    ];
  });
  return new Map(rows);
}

const Version = (subject: Subject) =>
  fc.record({
    rows: fc.record(
      Object.fromEntries(
        Object.entries(subject.rows).map(([name, rows]) => [name, fc.constantFrom(...rows)]),
      ),
      { requiredKeys: [] },
    ),
    left: fc.subarray([...subject.left], { maxLength: 1 }),
  });

async function versionOf(subject: Subject, version: { rows: object; left: readonly string[] }) {
  const { fields } = (await story.inEffect(subject.mapping)) as { readonly fields: JsonObject };
  const rest = Object.entries({ ...fields, ...version.rows }).filter(
    ([name]) => !version.left.includes(name),
  );
  return { fields: Object.fromEntries(rest) };
}

describe.each(SUBJECTS)('a roll back of $mapping', (subject) => {
  const Story = fc.record({
    before: fc.array(Saying, { minLength: 1, maxLength: 3 }),
    versions: fc.array(Version(subject), { minLength: 1, maxLength: 2 }),
    after: fc.array(Saying, { minLength: 1, maxLength: 4 }),
    since: fc.option(fc.nat(2), { nil: null }),
  });

  test('for any mapping and records brings every field back but what a person changed since, and offers what was made', async () => {
    let wrote = 0;
    await fc.assert(
      fc.asyncProperty(Story, async ({ before, versions, after, since }) => {
        runs += 1;
        const on = (list: readonly Saying[]) =>
          list.map((each, at) => subject.document(`${subject.object}:${runs}-${at}`, each));
        await story.write(subject.connection, on(before));
        const was = await shown(subject);
        const base = await story.versionInEffect(subject.mapping);
        for (const version of versions) {
          await story.publish(subject.mapping, await versionOf(subject, version), false);
          await story.write(subject.connection, on(after));
        }
        const there = await shown(subject);
        const made = there
          .keys()
          .filter((id) => !was.has(id))
          .toArray();
        const touched = there.keys().filter((id) => was.has(id)).toArray().slice(-before.length); // prettier-ignore
        const changed = since === null ? undefined : touched[since];
        if (changed !== undefined)
          await twinOf(subject).mutate({ object: subject.object, operation: 'update', id: changed, fields: subject.byHand }); // prettier-ignore
        wrote += JSON.stringify([...there]) === JSON.stringify([...was]) ? 0 : 1;
        const done = await story.rollBackIfOther(subject.mapping, base);
        const now = await shown(subject, [...was.keys()]);
        const wanted = new Map([...was].map(([id, each]) => [id, id === changed ? { ...each, ...subject.byHand } : each])); // prettier-ignore

        expect(done === null ? wanted : now).toEqual(wanted);
        expect(done?.change.outcome?.created ?? made.length).toBe(made.length);
      }),
      { numRuns: 6, endOnFailure: true },
    );

    expect(wrote).toBeGreaterThan(2);
  }, 120_000);
});
