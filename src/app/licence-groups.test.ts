import { expect, test } from '@jest/globals';
import type { Fact, FactNoun } from '../ledger/fact.ts';
import { buildCatalogue } from '../licensing/catalogue.ts';
import { snapshotOf } from '../licensing/snapshot.ts';
import { productsOfGroup } from './licence-groups.ts';

const fact = <Name extends FactNoun>(noun: Name, body: Fact<Name>['body'], connection = 'idp'): Fact<Name> => ({
  factId: `${connection} ${body.externalRef}`, noun, connection, externalRef: body.externalRef, body, lineage: null, recordedFrom: '2026-01-01T00:00:00.000Z',
}); // prettier-ignore
const group = (externalRef: string, ...childGroupRefs: readonly string[]) =>
  fact('userGroup', { externalRef, displayName: externalRef, memberRefs: [], childGroupRefs: [...childGroupRefs] }); // prettier-ignore
const rights = (externalRef: string, skuCode: string, ownerRef = 'own') =>
  fact('entitlement', { externalRef, skuCode, ownerRef, posture: 'licensee', status: 'active', unlimited: false }); // prettier-ignore
const aside = (entitlementRef: string, subjectRef: string, change: object = {}, connection = 'idp') =>
  fact('allocation', { externalRef: `${entitlementRef} for ${subjectRef}`, entitlementRef, subjectType: 'group', subjectRef, quantity: '1', blocking: true, ...change }, connection); // prettier-ignore

test('a group licenses what is set aside for it and for every group around it, on that day and in that directory', () => {
  const snapshot = snapshotOf('2026-03-02', '2026-03-02T00:00:00.000Z', {
    groups: [group('all', 'berlin'), group('berlin', 'planners'), group('planners', 'all'), group('other', 'x')],
    entitlements: [rights('e1', 'FIG'), rights('e2', 'ZOOM'), rights('e3', 'CRM'), rights('e4', 'OLD'), rights('e5', 'THEIRS', 'acc-1'), rights('e6', 'MAIL')],
    allocations: [
      aside('e1', 'planners'), aside('e2', 'all'), aside('e3', 'other'), aside('e4', 'berlin', { validTo: '2026-03-02' }),
      aside('e5', 'all'), aside('e6', 'all', {}, 'elsewhere'), aside('e6', 'planners', { subjectType: 'person' }),
    ],
  }); // prettier-ignore
  const catalogue = buildCatalogue([], [], '2026-03-02');
  const of = (id: string) => productsOfGroup(snapshot, catalogue, { connection: 'idp', id });

  expect([of('planners'), of('x'), of('none')]).toEqual([['FIG', 'ZOOM'], ['CRM'], []]);
});
