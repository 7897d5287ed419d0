import { addDays } from '../kernel/dates.ts';
import type { JsonObject } from '../kernel/hash.ts';
import { officeInstant, TODAY } from './instants.ts';
import type { Login } from './logins.ts';
import type { Prng } from './prng.ts';
import { DEPARTMENTS } from './saas-products.ts';
import type { VendorIds } from './vendor-ids.ts';

const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const PROJECTS: readonly string[] = [
  'Apollo', 'Borealis', 'Cygnus', 'Draco', 'Equinox', 'Fornax', 'Gemini', 'Hydra', 'Indus', 'Lyra', 'Mensa', 'Norma',
]; // prettier-ignore

function groupRecord(
  prng: Prng,
  ids: VendorIds,
  displayName: string,
  members: readonly Login[],
): JsonObject {
  const createdAt = officeInstant(prng, addDays(TODAY, -prng.int(300, 1200)));
  return {
    schemas: [GROUP],
    id: ids.uuid(createdAt),
    displayName,
    members: members.map((login) => ({
      value: login.id,
      display: `${login.givenName} ${login.familyName}`,
      type: 'User',
    })),
    meta: {
      resourceType: 'Group',
      created: createdAt,
      lastModified: officeInstant(prng, addDays(TODAY, -prng.int(1, 200))),
    },
  };
}

/** Group resources of the SCIM world: one a department, one a project. */
export function groupRecords(prng: Prng, ids: VendorIds, logins: readonly Login[]): JsonObject[] {
  const active = logins.filter((login) => login.active);
  const byDepartment = DEPARTMENTS.map((department) =>
    groupRecord(
      prng,
      ids,
      department,
      active.filter((login) => login.department === department),
    ),
  );
  const byProject = PROJECTS.map((project) =>
    groupRecord(prng, ids, `Project ${project}`, prng.sample(active, prng.int(5, 40))),
  );
  return [...byDepartment, ...byProject];
}
