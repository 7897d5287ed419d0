import type { JsonObject } from '../../src/kernel/hash.ts';
import type { TwinRequest } from '../../src/sdk/twin-kit/exchange.ts';
import type { Seeded } from './seeded.ts';
import { MOST_RECORDS, type SimulatedStream, type SimulatedVendor } from './vendor.ts';
import { DAWN } from './virtual-time.ts';

const text = (...values: readonly unknown[]): string =>
  values.find((value): value is string => typeof value === 'string' && value !== '') ?? '';
const second = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

const CUSTOMERS: SimulatedStream = {
  name: 'customer',
  noun: 'organization',
  idOf: (record) => text(record['id']),
  textOf: (record) => text(record['companyName'], record['companyname']),
  textOfFact: (body) => text(body['legalName']),
};
const ITEMS: SimulatedStream = {
  name: 'item',
  noun: 'skuAlias',
  idOf: (record) => text(record['id']),
  textOf: (record) => text(record['itemId'], record['itemid']),
  textOfFact: (body) => text(body['externalSku']),
};

/** Customers and items; an answer holds as few rows as the seed says, and rows move under a reader. */
export const NETSUITE: SimulatedVendor = {
  system: 'netsuite',
  scheme: 'http',
  path: '/services/rest/query',
  config: {},
  spares: [],
  streams: [CUSTOMERS, ITEMS],
  world: (seeded) => ({
    settings: { accountId: '1234567_SB1', timeZone: 'America/Los_Angeles', dateFormat: 'M/D/YYYY', packages: ['trueup'] },
    objects: {
      currency: [{ id: '1', symbol: 'USD', name: 'US Dollar' }],
      subsidiary: [{ id: '1', name: 'Sim', currency: { id: '1' }, country: 'US', isElimination: false }],
      customer: born(seeded, 100, seeded.whole(1, 16), (n) => customer(`Born ${n}`, `C${n}`)),
      item: born(seeded, 500, seeded.whole(0, 8), (n) => item(`SIM-${n}`)),
    },
  }), // prettier-ignore
  change: (seeded, stream, { records }) => {
    const late = seeded.chance(0.4) ? { lateSeconds: seeded.whole(1, 200) } : {};
    const name = `N ${seeded.whole(0, 1_000_000)}`;
    const isFull = records.length >= MOST_RECORDS;
    if (records.length === 0 || (!isFull && seeded.chance(0.3))) {
      const fields = stream === 'customer' ? customer(name, name) : item(name);
      return { mutation: { object: stream, operation: 'create', fields, ...late }, happens: null };
    }
    const id = text(seeded.pick(records)['id']);
    if (seeded.chance(0.2)) {
      const mutation = { object: stream, operation: 'delete', id, ...late };
      return { mutation, happens: 'NetSuite deletions' };
    }
    const fields: JsonObject = stream === 'customer' ? { companyName: name } : { itemId: name };
    return { mutation: { object: stream, operation: 'update', id, fields }, happens: null };
  },
  stateFaults: (seeded) =>
    [{}, { with: { operation: 'delete' } }]
      .filter(() => seeded.chance(0.4))
      .map((how) => ({ action: 'page_shift', match: { object: seeded.pick(['customer', 'item']) }, rate: 0.3, ...how })), // prettier-ignore
  narrow: (request, rows) => narrowed(request, rows),
};

function customer(companyName: string, entityId: string): JsonObject {
  return { entityId, companyName, subsidiary: { id: '1' }, currency: { id: '1' }, country: 'US', isInactive: false };
} // prettier-ignore

function item(itemId: string): JsonObject {
  return { itemId, displayName: itemId, itemType: 'NonInvtPart', isInactive: false };
}

function born(
  seeded: Seeded,
  first: number,
  count: number,
  fields: (n: number) => JsonObject,
): JsonObject[] {
  let at = DAWN - 86_400_000;
  return Array.from({ length: count }, (_, n) => {
    if (seeded.chance(0.3)) at += seeded.whole(1, 90_000);
    return { id: String(first + n), lastModifiedDate: second(at), ...fields(n) };
  });
}

/** The pages of a stream's own read, a thousand rows at the vendor, are as long as the seed says. */
function narrowed(request: TwinRequest, rows: number): TwinRequest {
  const sql = request.rawBody.toString('utf8');
  const isPaged = /ORDER BY t\.\w+, t\.id/i.test(sql) && !sql.includes(' IN (');
  if (!isPaged || request.query.get('limit') !== '1000') return request;
  const query = new URLSearchParams(request.query);
  query.set('limit', String(rows));
  return { ...request, query };
}
