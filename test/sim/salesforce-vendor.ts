import { longId } from '../../connectors/salesforce/record-id.ts';
import type { JsonObject } from '../../src/kernel/hash.ts';
import type { Seeded } from './seeded.ts';
import { MOST_RECORDS, type SimulatedVendor } from './vendor.ts';
import { DAWN } from './virtual-time.ts';

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const instant = (at: number): string => new Date(at).toISOString().replace('Z', '+0000');

/** Accounts and products; a Salesforce page may be as short as the server likes. */
export const SALESFORCE: SimulatedVendor = {
  system: 'salesforce',
  scheme: 'http',
  path: '/services/data',
  config: {},
  spares: [],
  streams: [
    {
      name: 'Account',
      noun: 'organization',
      idOf: (record) => text(record['Id']),
      textOf: (record) => text(record['Name']),
      textOfFact: (body) => text(body['legalName']),
    },
    {
      name: 'Product2',
      noun: 'sku',
      idOf: (record) => text(record['Id']),
      textOf: (record) => text(record['Name']),
      textOfFact: (body) => text(body['name']),
    },
  ],
  world: (seeded) => ({
    settings: { orgId: '00DSm0000000001', packages: ['trueup'], multiCurrency: true },
    objects: {
      Account: born(seeded, '001Sm', seeded.whole(1, 16), { Type: 'Customer', BillingCountryCode: 'DE', CurrencyIsoCode: 'EUR', ParentId: null }),
      Product2: born(seeded, '01tSm', seeded.whole(0, 6), { ProductCode: 'SIM', IsActive: true, Family: 'Subscription' }),
    },
  }), // prettier-ignore
  change: (seeded, stream, records) => {
    const late = seeded.chance(0.25) ? { lateSeconds: seeded.whole(1, 300) } : {};
    const Name = `Name ${seeded.whole(0, 1_000_000)}`;
    const isFull = records.length >= MOST_RECORDS;
    if (records.length === 0 || (!isFull && seeded.chance(0.3))) {
      const own = stream === 'Product2' ? { ProductCode: 'NEW' } : { Type: 'Customer' };
      return { object: stream, operation: 'create', fields: { Name, ...own }, ...late };
    }
    const id = text(seeded.pick(records)['Id']);
    const into = text(seeded.pick(records)['Id']);
    if (stream === 'Account' && into !== id && seeded.chance(0.05))
      return { object: stream, operation: 'merge', id, into };
    if (seeded.chance(0.07)) return { object: stream, operation: 'purge', id };
    if (seeded.chance(0.15)) return { object: stream, operation: 'delete', id };
    return { object: stream, operation: 'update', id, fields: { Name }, ...late };
  },
  stateFaults: (seeded) => [
    { action: 'short_page', rate: 0.2 + seeded.next() * 0.7, with: { rows: seeded.whole(1, 6) } },
  ],
};

/** Records born in bursts: many of them within one second, as an import makes them. */
function born(seeded: Seeded, prefix: string, count: number, fields: JsonObject): JsonObject[] {
  let at = DAWN - 86_400_000;
  return Array.from({ length: count }, (_, n) => {
    if (seeded.chance(0.3)) at += seeded.whole(1, 90_000);
    const stamp = instant(at);
    const Id = longId(`${prefix}${String(n + 1).padStart(10, '0')}`);
    return {
      Id,
      IsDeleted: false,
      CreatedDate: stamp,
      LastModifiedDate: stamp,
      SystemModstamp: stamp,
      Name: `Born ${n}`,
      ...fields,
    };
  });
}
