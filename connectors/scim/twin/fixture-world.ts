import type { JsonObject } from '../../../src/sdk/kernel.ts';
import type { TwinWorld } from '../../../src/sdk/define-twin.ts';
import { ENTERPRISE_SCHEMA } from './scim-schemas.ts';

export const FIXTURE_TOKEN = 'fixture-scim-token';

/** The nth user of a fixture directory; everything about it follows from n. */
export function fixtureUser(n: number): JsonObject {
  const number = String(n).padStart(5, '0');
  const stamp = new Date(Date.parse('2026-01-05T08:00:00Z') + n * 60_000).toISOString();
  return {
    id: `user-${number}`,
    externalId: `E${number}`,
    userName: `User.${number}@Example.test`,
    displayName: `User ${number}`,
    name: { givenName: 'User', familyName: number },
    active: n % 10 !== 0,
    userType: n % 7 === 0 ? 'Contractor' : 'Employee',
    emails: [
      { value: `user.${number}@example.test`, type: 'work', primary: true },
      { value: `alias.${number}@example.test`, type: 'other' },
    ],
    ...(n % 3 === 0
      ? { entitlements: [{ value: 'DESIGN-PRO', type: 'license', display: 'Design Pro' }] }
      : {}),
    [ENTERPRISE_SCHEMA]: {
      employeeNumber: `E${number}`,
      costCenter: `CC-${100 + (n % 4)}`,
      department: ['Sales', 'Finance', 'Support', 'Legal'][n % 4] ?? 'Sales',
      manager: { value: 'user-00001', displayName: 'User 00001' },
    },
    meta: { created: stamp, lastModified: stamp },
  };
}

/** A small directory: `users` people and one group of the first ten. */
export function scimFixtureWorld(users = 25, settings: JsonObject = {}): TwinWorld {
  const people = Array.from({ length: users }, (_, at) => fixtureUser(at + 1));
  const members = people.slice(0, 10).map((user) => ({
    value: user['id'] ?? '',
    display: user['displayName'] ?? '',
    type: 'User',
  }));
  return {
    objects: {
      Users: people,
      Groups: [{ id: 'group-1', displayName: 'First ten', members }],
    },
    settings: { personality: 'rfc', bearerToken: FIXTURE_TOKEN, maxResults: 200, ...settings },
  };
}
