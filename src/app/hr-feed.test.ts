import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { textOf } from '../../test/support/company-twins.ts';
import { startHarness, type Harness } from '../../test/support/flow-harness.ts';
import type { JsonObject } from '../kernel/hash.ts';
import { factsOf } from '../ledger/facts.ts';
import { listFindings } from '../licensing/runs.ts';
import { startReconciliation } from './flows/start-reconciliation.ts';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const EMPLOYMENT = 'urn:trueup:params:scim:schemas:extension:employment:2.0:User';
const KINDS = ['active_leaver', 'department_mismatch', 'early_access', 'missing_in_directory'];

let world: Harness;

beforeAll(async () => {
  world = await startHarness();
  for (const each of ['crm', 'erp', 'people', 'files']) await world.pull(each);
}, 120_000);
afterAll(() => world?.stop());

const found = async (): Promise<readonly string[]> => {
  await startReconciliation(world.deps, world.caller);
  await world.drain();
  const findings = await world.inTx((tx) => listFindings(tx));
  return findings
    .filter(({ kind }) => KINDS.includes(kind))
    .map(({ kind, subject, owner }) => `${kind} ${subject.id} ${owner}`);
};
const create = (fields: JsonObject) =>
  world.twins.scim.mutate({ object: 'Users', operation: 'create', fields });

describe('HR and the directory of the sample company', () => {
  test('agree, apart from what was planted for other kinds of finding', async () => {
    expect(await found()).toEqual([]);
  });

  test('that name another department are a finding, and correcting it resolves that', async () => {
    const users = await world.twins.scim.records('Users');
    const user = users.find((each) => each['active'] === true && each['userType'] === 'Employee');
    const id = textOf(user, 'id');
    const extension = { ...(user?.[ENTERPRISE] as JsonObject) };
    const move = (department: JsonObject) =>
      world.twins.scim.mutate({ object: 'Users', operation: 'update', id, fields: department });

    await move({ [ENTERPRISE]: { ...extension, department: 'Somewhere Else' } });
    await world.pull('people');
    const moved = await found();
    await move({ [ENTERPRISE]: extension });
    await world.pull('people');

    expect(moved).toEqual([`department_mismatch ${id} hr`]);
    expect(await found()).toEqual([]);
  });

  test('somebody whom HR feeds into the directory brings start, end, role and projects along', async () => {
    const employed = (number: string, employment: JsonObject): JsonObject => ({
      userName: `hr.${number}@meridian.example`,
      active: true,
      entitlements: [{ value: 'FIG-ORG', type: 'license' }],
      [ENTERPRISE]: { employeeNumber: number, department: 'Design' },
      [EMPLOYMENT]: employment,
    });
    const gone = await create(employed('H1', { startDate: '2024-01-01', endDate: '2026-01-31', jobRole: 'Artist', projects: ['Apollo'] })); // prettier-ignore
    const early = await create(employed('H2', { startDate: '2026-05-01' }));
    await world.pull('people');

    const spells = await world.inTx((tx) =>
      factsOf(tx, 'employmentSpell', { connection: 'people' }),
    );
    const findings = await found();

    expect(spells.map(({ body }) => body)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          externalRef: `${gone}:2024-01-01`,
          validTo: '2026-02-01',
          jobRole: 'Artist',
          projectNames: ['Apollo'],
          departmentName: 'Design',
        }),
      ]),
    );
    expect(findings).toEqual([`early_access ${early} it`]);
    const orphaned = await world.inTx((tx) =>
      listFindings(tx, { kind: 'orphaned_seat', subjectId: gone }),
    );
    expect(orphaned.map(({ sku }) => sku)).toEqual(['FIG-ORG']);
  });
});
