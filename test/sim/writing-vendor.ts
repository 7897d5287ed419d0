import { longId } from '../../connectors/salesforce/record-id.ts';
import type { Effect } from '../../src/delivery/effect.ts';
import type { JsonObject } from '../../src/kernel/hash.ts';
import { NETSUITE } from './netsuite-vendor.ts';
import { SALESFORCE } from './salesforce-vendor.ts';
import type { Seeded } from './seeded.ts';
import { CONNECTION } from './simulation.ts';
import type { SimulatedVendor } from './vendor.ts';

/** What is written to one kind of record, and how to see at the vendor which revision of it stands there. */
export interface WrittenObject {
  readonly object: string;
  /** What nth record shall look like; `mark` is another one for each revision. */
  effect(seeded: Seeded, n: number, mark: number): Effect;
  /** The mark that a record of the vendor bears. */
  markOf(record: JsonObject): number | null;
  /** The vendor's records that we made bear our id here; null for records that were there before us. */
  readonly externalIdField: string | null;
}

/** A vendor as the simulator writes to it. */
export interface WritingVendor extends SimulatedVendor {
  readonly writes: readonly WrittenObject[];
  /** Refusals of its own that pass, besides the faults of the wire. */
  readonly refusals: readonly JsonObject[];
}

const ACCOUNTS = 3;
const ITEMS = 2;
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const numberIn = (value: unknown): number | null => {
  const found = /(\d+)$/.exec(typeof value === 'number' ? String(value) : text(value))?.[1];
  return found === undefined ? null : Number(found);
};
const accountId = (n: number): string => longId(`001Sm${String(n + 1).padStart(10, '0')}`);

/** So many records that were there before us, as the seed's world has them. */
const first = (records: unknown, count: number): JsonObject[] =>
  (records as JsonObject[]).slice(0, count);

const asEffect = (object: string, canonicalId: string, fields: JsonObject, vendorId: string | null = null): Effect => ({ connection: CONNECTION, object, canonicalId, vendorId, fields }); // prettier-ignore

/** Contracts of ours, alone and many at once; figures on accounts that are theirs. */
const WRITES_SALESFORCE: WritingVendor = {
  ...SALESFORCE,
  config: { ...SALESFORCE.config, changeEvents: false },
  world: (seeded) => fixedWorld(SALESFORCE.world(manyOf(seeded, 16)), 'Account', ACCOUNTS),
  refusals: [
    { action: 'row_lock', rate: 0.2 },
    { action: 'overload', rate: 0.1 },
  ],
  writes: [
    {
      object: 'Contract',
      externalIdField: 'Trueup_Id__c',
      markOf: (record) => numberIn(record['Name']),
      effect: (seeded, n, mark) =>
        asEffect('Contract', `contract:${n}`, { AccountId: accountId(n % ACCOUNTS), Name: `Contract ${n} mark ${mark}`, StartDate: '2026-04-01', ContractTerm: seeded.whole(1, 60), Status: 'Draft' }), // prettier-ignore
    },
    {
      object: 'Account',
      externalIdField: null,
      markOf: (record) => numberIn(record['Trueup_Open_Findings__c']),
      effect: (_seeded, n, mark) =>
        asEffect('Account', `account:${n % ACCOUNTS}`, { Trueup_Open_Findings__c: mark }, accountId(n % ACCOUNTS)), // prettier-ignore
    },
  ],
};

/** Sales orders. */
const WRITES_NETSUITE: WritingVendor = {
  ...NETSUITE,
  world: (seeded) => fixedWorld(NETSUITE.world(manyOf(seeded, 8)), 'item', ITEMS),
  path: '/services/rest',
  refusals: [{ action: 'overload', rate: 0.1 }],
  writes: [
    {
      object: 'salesOrder',
      externalIdField: 'externalId',
      markOf: (record) => numberIn(record['memo']),
      effect: (seeded, n, mark) =>
        asEffect('salesOrder', `order:${n}`, {
          entity: { id: '100' },
          subsidiary: { id: '1' },
          currency: { symbol: 'USD' },
          tranDate: '2026-03-02',
          memo: `Deal ${n} mark ${mark}`,
          item: { items: [{ item: { id: '500' }, quantity: String(seeded.whole(1, 500)), rate: '768' }] },
        }), // prettier-ignore
    },
  ],
};

export const WRITING_VENDORS: readonly WritingVendor[] = [WRITES_SALESFORCE, WRITES_NETSUITE];

/** The same choices, but that every number of records is the largest: what is written to must be there. */
function manyOf(seeded: Seeded, most: number): Seeded {
  return { ...seeded, whole: (least, upTo) => (upTo <= most && least <= 1 ? upTo : seeded.whole(least, upTo)) }; // prettier-ignore
}

function fixedWorld(world: ReturnType<SimulatedVendor['world']>, object: string, count: number) {
  const objects = world.objects as Readonly<Record<string, readonly JsonObject[]>>;
  return { ...world, objects: { ...objects, [object]: first(objects[object] ?? [], count) } };
}
