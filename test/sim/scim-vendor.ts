import type { Json, JsonObject } from '../../src/kernel/hash.ts';
import { MOST_RECORDS, type SimulatedVendor } from './vendor.ts';

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

/** People of a directory that pages by index or by cursor while its rows shift. */
export const SCIM: SimulatedVendor = {
  system: 'scim',
  scheme: 'https',
  path: '/scim',
  config: {},
  // The one token of a directory does not come back by itself.
  spares: ['expire_token'],
  streams: [
    {
      name: 'Users',
      noun: 'userAccount',
      idOf: (record) => text(record['id']),
      textOf: (record) => text(record['displayName']),
      textOfFact: (body) => text(body['displayName']),
    },
  ],
  world: (seeded) => ({
    settings: {
      bearerToken: 'simulated-token',
      maxResults: seeded.whole(1, 6),
      pagination: seeded.pick(['index', 'both']),
    },
    objects: {
      Users: Array.from({ length: seeded.whole(8, 20) }, (_, n) => ({
        id: `born-${String(n).padStart(3, '0')}`,
        ...user(`born.${n}`, `Born ${n}`),
      })),
      Groups: [],
    },
  }),
  change: (seeded, stream, records) => {
    const n = seeded.whole(0, 1_000_000);
    const isFull = records.length >= MOST_RECORDS;
    if (records.length === 0 || (!isFull && seeded.chance(0.4)))
      return { object: stream, operation: 'create', fields: user(`new.${n}`, `New ${n}`) };
    const id = text(seeded.pick(records)['id']);
    return { object: stream, operation: 'update', id, fields: { displayName: `Name ${n}` } };
  },
  stateFaults: () => [],
};

function user(name: string, displayName: string): JsonObject {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName: `${name}@sim.example`,
    displayName,
    active: true,
    emails: [{ value: `${name}@sim.example`, primary: true }],
  };
}
