import { byAccount } from '../../ledger/identity/identities.ts';
import type { Fact } from '../../ledger/fact.ts';
import type { Pool } from '../pools.ts';
import type { Snapshot } from '../snapshot.ts';

export type Dimension = Fact<'consumptionRule'>['body']['dimension'];

/** To whom a subject belongs, by each dimension that a rule may name; what nobody says is absent. */
export type Profile = Readonly<Partial<Record<Dimension, string>>>;

/** The profile of each subject of a pool, as its login, its machine or its customer says. */
export function profilesOf(snapshot: Snapshot): (pool: Pool) => (subjectId: string) => Profile {
  const organizations = new Map(
    snapshot.organizations.flatMap((each) => [
      [each.body.legalName, each] as const,
      [each.externalRef, each] as const,
    ]),
  );
  const devices = new Map(
    snapshot.devices.map((each) => [
      `device:${byAccount(each.connection, each.externalRef)}`,
      each.body.organizationRef,
    ]),
  );
  const ofOrganization = (name: string | undefined): Profile => {
    if (name === undefined) return {};
    const found = organizations.get(name);
    const { countryCode, dataResidencyRegion } = found?.body ?? {};
    return {
      org: found?.externalRef ?? name,
      ...(countryCode === undefined ? {} : { country: countryCode }),
      ...(dataResidencyRegion === undefined ? {} : { region: dataResidencyRegion }),
    };
  };
  return (pool) => {
    const owner = pool.posture === 'licensor' ? ofOrganization(pool.ownerRef) : {};
    const logins = new Map<string, Fact<'userAccount'>['body']>();
    for (const { subjectId, account } of pool.claims)
      if (account !== undefined && !logins.has(subjectId)) logins.set(subjectId, account.body);
    return (subjectId) => {
      const login = logins.get(subjectId);
      return {
        ...owner,
        ...ofOrganization(devices.get(subjectId) ?? login?.organizationName),
        ...(login?.departmentName === undefined ? {} : { department: login.departmentName }),
        ...(login?.costCenter === undefined ? {} : { cost_center: login.costCenter }),
      };
    };
  };
}
