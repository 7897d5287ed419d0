import { expect, test } from '@jest/globals';
import type { FactNoun, Fact } from '../ledger/fact.ts';
import { kpiGrouping, type KpiGroup } from './kpi-groups.ts';
import { snapshotOf } from './snapshot.ts';

function fact<Name extends FactNoun>(
  noun: Name,
  connection: string,
  body: Fact<Name>['body'],
): Fact<Name> {
  const { externalRef } = body;
  const factId = `${connection}/${externalRef}`;
  return { factId, noun, connection, externalRef, body, lineage: null, recordedFrom: '2026-03-01T00:00:00.000Z' }; // prettier-ignore
}

const sku = (connection: string, skuCode: string, softwareModelRef: string) =>
  fact('sku', connection, { externalRef: skuCode, skuCode, name: skuCode, softwareModelRef, rightsPerPack: 1, active: true }); // prettier-ignore
const SNAPSHOT = snapshotOf('2026-03-02', '2026-03-02T00:00:00.000Z', {
  skus: [sku('crm', 'DB-STD', 'm1'), sku('erp', 'ITEM-7', 'm1'), sku('crm', 'DB-ENT', 'm2')],
  skuAliases: [
    fact('skuAlias', 'erp', { externalRef: 'a', externalSku: 'ITEM-7', skuCode: 'DB-STD' }),
  ],
  organizations: [
    fact('organization', 'crm', { externalRef: '001A', legalName: 'Acme', kind: 'customer', countryCode: 'DE', dataResidencyRegion: 'eu' }), // prettier-ignore
  ],
});
const FACTS = {
  models: [
    fact('softwareModel', 'crm', { externalRef: 'm1', productRef: 'p' }),
    fact('softwareModel', 'crm', { externalRef: 'm2', productRef: 'p' }),
    // The same ids of another system are other things.
    fact('softwareModel', 'erp', { externalRef: 'm1', productRef: 'p' }),
  ],
  products: [
    fact('softwareProduct', 'crm', { externalRef: 'p', name: 'Store', criticality: 'low' }),
    fact('softwareProduct', 'erp', { externalRef: 'p', name: 'Shop', criticality: 'high' }),
  ],
};
const ROW = { posture: 'licensor', ownerRef: '001A', ownerName: 'Acme', contract: null, order: null, invoice: null, owned: '1', seats: '1', used: '1', differences: [], evidence: [] } as const; // prettier-ignore
const groupsBy = (by: KpiGroup): readonly string[] =>
  ['DB-STD', 'DB-ENT', 'OTHER'].map((skuCode) =>
    kpiGrouping(by, SNAPSHOT, FACTS)({ ...ROW, skuCode }),
  );

test('part numbers that license forms of one product are one family, and one without a product is unknown', () => {
  expect(groupsBy('family')).toEqual(['Store', 'Store', 'unknown']);
});

test('the highest criticality speaks where sources differ, each of its own product', () => {
  expect(groupsBy('criticality')).toEqual(['high', 'low', 'unknown']);
});

test('country and region are those of the owner, and unknown of one that nobody describes', () => {
  const stranger = { ...ROW, ownerRef: '001Z', skuCode: 'DB-STD' };

  expect(groupsBy('country')[0]).toBe('DE');
  expect(groupsBy('region')[0]).toBe('eu');
  expect(kpiGrouping('region', SNAPSHOT, FACTS)(stranger)).toBe('unknown');
});
