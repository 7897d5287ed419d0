/** As directories page: 200 people at most. */
export const PAGE_ROWS = 200;
/** The people of the bench's directory. */
export const PEOPLE = 40_000;

/** Person `at` with the enterprise extension, as RFC 7643 spells it. */
export function userRow(at: number): Record<string, unknown> {
  const id = `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`;
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'],
    id,
    externalId: `E${at}`,
    userName: `person.${at}@bench.example`,
    name: { givenName: 'Person', familyName: at % 50 === 0 ? `Søren "${at}"` : `Number ${at}` },
    displayName: `Person ${at}`,
    emails: [{ value: `person.${at}@bench.example`, type: 'work', primary: true }],
    active: at % 20 !== 0,
    entitlements: [{ value: 'FIG-PRO', type: 'license' }],
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { employeeNumber: String(at), department: 'Research' },
    meta: { resourceType: 'User', created: '2025-01-01T00:00:00Z', lastModified: '2026-01-05T08:00:00Z', location: `https://bench.example/Users/${id}` },
  };
} // prettier-ignore
