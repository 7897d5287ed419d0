import { longId } from '../../connectors/salesforce/record-id.ts';
import type { JsonObject } from '../../src/kernel/hash.ts';
import { nthId } from '../../connectors/salesforce/twin/nth-id.ts';
import { outboundMessage } from '../../connectors/salesforce/twin/outbound-messages.ts';
import type { TwinRequest } from '../../src/sdk/twin-kit/exchange.ts';
import type { Seeded } from './seeded.ts';
import { MOST_RECORDS, type Change, type SimulatedVendor } from './vendor.ts';
import { DAWN } from './virtual-time.ts';

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const ORG = '00DSm0000000001';
const instant = (at: number): string => new Date(at).toISOString().replace('Z', '+0000');

/** Accounts and products; a Salesforce page may be as short as the server likes. */
export const SALESFORCE: SimulatedVendor = {
  system: 'salesforce',
  scheme: 'http',
  path: '/services/data',
  config: { organizationId: ORG, changeEvents: true },
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
    settings: { orgId: ORG, packages: ['trueup'], multiCurrency: true },
    objects: {
      Account: born(seeded, '001Sm', seeded.whole(1, 16), { Type: 'Customer', BillingCountryCode: 'DE', CurrencyIsoCode: 'EUR', ParentId: null }),
      Product2: born(seeded, '01tSm', seeded.whole(0, 6), { ProductCode: 'SIM', IsActive: true, Family: 'Subscription' }),
    },
  }), // prettier-ignore
  change: (seeded, stream, { records, gone }) => {
    const late = seeded.chance(0.25) ? { lateSeconds: seeded.whole(1, 300) } : {};
    const Name = `Name ${seeded.whole(0, 1_000_000)}`;
    const isFull = records.length >= MOST_RECORDS;
    if (gone.length > 0 && seeded.chance(0.2)) return ofTheBin(seeded, stream, gone, isFull);
    if (records.length === 0 || (!isFull && seeded.chance(0.3))) {
      const own = stream === 'Product2' ? { ProductCode: 'NEW' } : { Type: 'Customer' };
      const fields = { Name, ...own };
      return { mutation: { object: stream, operation: 'create', fields, ...late }, happens: null };
    }
    const id = text(seeded.pick(records)['Id']);
    const into = text(seeded.pick(records)['Id']);
    if (stream === 'Account' && into !== id && seeded.chance(0.05))
      return { mutation: { object: stream, operation: 'merge', id, into }, happens: 'merges' };
    if (seeded.chance(0.07))
      return { mutation: { object: stream, operation: 'purge', id }, happens: null };
    if (seeded.chance(0.2))
      return { mutation: { object: stream, operation: 'delete', id, ...late }, happens: null };
    const mutation = { object: stream, operation: 'update', id, fields: { Name }, ...late };
    return { mutation, happens: null };
  },
  stateFaults: (seeded) => [
    { action: 'short_page', rate: 0.2 + seeded.next() * 0.7, with: { rows: seeded.whole(1, 6) } },
    ...seeded.shuffled(SPOILT).slice(0, seeded.whole(0, 4)).map((action) => ({ action, rate: seeded.next() * 0.3 })),
    ...(seeded.chance(0.4) ? [{ action: 'expire_replay', rate: 0.8 }] : []),
  ], // prettier-ignore
  // Above the number of rows that a read may have, no read goes by Bulk.
  tune: (seeded) => ({ bulkFrom: seeded.pick([1, 3, 6, 12, 50_000]) }),
  ownPush: ({ n, stream, id }) =>
    outboundMessage(ORG, [{ notification: nthId('04l', n), object: stream, id }]),
  isPoll,
  proves: ({ query }) =>
    /^SELECT (?:COUNT\(\) FROM Account\b|Id, SystemModstamp FROM Account\b)/.test(
      query.get('q') ?? '',
    ),
  happened: ({ path, method }, status) => {
    if (!path.includes('/jobs/query/')) return null;
    if (method === 'GET' && path.endsWith('/results') && status === 200) return 'pages by Bulk 2.0';
    return status === 404 ? 'bulk jobs that were lost' : null;
  },
  narrow: (request, rows) => {
    if (isPoll(request)) return unheld(request);
    if (request.query.get('maxRecords') === null) return request;
    const query = new URLSearchParams(request.query);
    query.set('maxRecords', String(rows));
    return { ...request, query };
  },
};

/** What can go wrong with bulk jobs, with open queries and with events on their way. */
const SPOILT = ['expire_locator', 'overload', 'gap', 'overflow', 'duplicate_event', 'reorder'];

/** Something in the recycle bin comes back, or is gone for good. */
function ofTheBin(
  seeded: Seeded,
  object: string,
  gone: readonly JsonObject[],
  isFull: boolean,
): Change {
  const id = text(seeded.pick(gone)['Id']);
  return isFull || seeded.chance(0.3)
    ? { mutation: { object, operation: 'purge', id }, happens: 'purges from the bin', settles: id }
    : { mutation: { object, operation: 'undelete', id }, happens: 'undeletes', settles: id };
}

function isPoll({ path, rawBody }: TwinRequest): boolean {
  return path.startsWith('/cometd/') && rawBody.includes('/meta/connect');
}

/** A client may ask the event bus for an answer at once; how long it would have been held, the schedule says. */
function unheld(request: TwinRequest): TwinRequest {
  const messages = JSON.parse(request.rawBody.toString('utf8')) as readonly JsonObject[];
  const advised = messages.map((message) => ({ ...message, advice: { timeout: 0 } }));
  return { ...request, rawBody: Buffer.from(JSON.stringify(advised)) };
}

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
