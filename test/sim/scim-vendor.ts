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
      textOf: (record) => `${text(record['displayName'])} ${record['active'] === true}`,
      textOfFact: (body) => `${text(body['displayName'])} ${body['active'] === true}`,
    },
  ],
  world: (seeded) => ({
    settings: {
      personality: seeded.pick(['rfc', 'okta', 'entra']),
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
  change: (seeded, object, { records, gone }) => {
    const n = seeded.whole(0, 1_000_000);
    const isFull = records.length >= MOST_RECORDS;
    if (gone.length > 0 && !isFull && seeded.chance(0.25)) {
      const { id, userName } = seeded.pick(gone);
      const fields = { ...user('', `Back ${n}`), userName: text(userName) };
      const mutation = { object, operation: 'create', fields };
      return { mutation, happens: 're-creations', settles: text(id) };
    }
    if (records.length === 0 || (!isFull && seeded.chance(0.3))) {
      const fields = user(`new.${n}`, `New ${n}`);
      return { mutation: { object, operation: 'create', fields }, happens: null };
    }
    const { id: given, active } = seeded.pick(records);
    const id = text(given);
    if (seeded.chance(0.2))
      return { mutation: { object, operation: 'delete', id }, happens: 'directory deletions' };
    const isActive = !seeded.chance(active === true ? 0.35 : 0.4);
    const fields = { displayName: `Name ${n}`, active: isActive };
    return {
      mutation: { object, operation: 'update', id, fields },
      happens: active === true && !isActive ? 'deactivations' : null,
    };
  },
  stateFaults: (seeded) =>
    [
      { action: 'page_shift', with: { delete: seeded.whole(0, 2), insert: seeded.whole(0, 1) } },
      { action: 'expire_locator' },
      { action: 'limit' },
      { action: 'overload' },
    ]
      .filter(() => seeded.chance(0.3))
      // A list is asked for page by page, and begun anew after each refusal.
      .map((fault) => ({ ...fault, match: { object: 'Users' }, rate: seeded.next() * 0.1 })),
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
