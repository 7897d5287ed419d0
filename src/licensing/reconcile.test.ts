import { expect, test } from '@jest/globals';
import { core, entitlement, grant, metrics, seats } from '../../test/support/licensing-facts.ts';
import * as z from 'zod';
import { InternalError } from '../kernel/errors.ts';
import { explainLine } from './explain.ts';
import { reconcile } from './reconcile.ts';
import { snapshotOf } from './snapshot.ts';
import { factOf } from '../../test/support/facts.ts';

const KNOWN_AT = '2026-03-02T09:00:00.000Z';
const facts = {
  ...core,
  organizations: [factOf('organization', 'crm', { externalRef: '001A', legalName: 'Harbour', kind: 'customer' })],
  entitlements: [entitlement('e1', { dealRef: '006A:1', orderConnection: 'erp', orderRef: '5001', orderLineRef: '5001/1' }), entitlement('e2', { status: 'draft' })],
  transactions: [
    factOf('entitlementTransaction', 'trueup', {
      externalRef: 'e1/grant', entitlementRef: 'e1', type: 'grant', quantityDelta: '25', orderLineRef: '5001/1', reason: 'order SO5001 activated', validFrom: '2026-03-01', validTo: '2027-03-01',
    }),
  ],
  orders: [factOf('order', 'erp', { externalRef: '5001', number: 'SO5001', kind: 'sales', posture: 'licensor', status: 'activated', orderDate: '2026-02-20', opportunityRef: '006A' })],
  orderLines: ['erp', 'crm'].map((connection) =>
    factOf('orderLine', connection, { externalRef: '5001/1', orderRef: '5001', lineNumber: 1, skuCode: 'CORE', quantity: '25', unitPrice: '120' }),
  ),
  seats: seats(2),
}; // prettier-ignore
const snapshot = snapshotOf('2026-03-02', KNOWN_AT, facts);

test('L5: the same facts give the same hashes, another fact or another day does not', () => {
  const first = reconcile(snapshot, metrics);
  const again = reconcile(
    snapshotOf('2026-03-02', KNOWN_AT, { ...facts, seats: facts.seats.toReversed() }),
    metrics,
  );
  const more = reconcile(
    snapshotOf('2026-03-02', KNOWN_AT, { ...facts, seats: seats(3) }),
    metrics,
  );
  const later = reconcile(snapshotOf('2027-03-01', KNOWN_AT, facts), metrics);

  expect([again.inputHash, again.resultHash]).toEqual([first.inputHash, first.resultHash]);
  expect(new Set([first, more, later].map((each) => each.inputHash)).size).toBe(3);
  expect(new Set([first, more, later].map((each) => each.resultHash)).size).toBe(3);
});

test('another version of a rule is another result, even of the same figures', () => {
  const [code, metric] = [...metrics][0] ?? [];
  if (code === undefined || metric === undefined) throw new Error('no metric');
  const newer = new Map(metrics).set(code, { ...metric, version: 2 });

  expect(reconcile(snapshot, newer).resultHash).not.toBe(reconcile(snapshot, metrics).resultHash);
  expect(reconcile(snapshot, newer).ruleVersions).toMatchObject({
    [`metric.${code}`]: 2,
    'detector.orphaned_seat': 1,
  });
});

test('a line explains itself down to order line, seat, source record and rule version', () => {
  const line = reconcile(snapshot, metrics).positions[0]?.line;
  const explained = explainLine(line?.id ?? '', snapshot, metrics);

  expect(explained?.line).toEqual(line);
  expect(explained?.line).toMatchObject({
    ownerName: 'Harbour',
    rightsOwned: '25',
    rightsInUse: '2',
    surplus: '23',
  });
  expect(explained?.metric).toMatchObject({ code: 'named_user', version: 1 });
  expect(explained?.steps.slice(0, 2)).toEqual([
    'Rights owned: 25 = 25.',
    'Entitlement e2 gives none: draft.',
  ]);
  expect(explained?.rights[0]).toMatchObject({
    rights: '25', reason: 'in_force', dealRef: '006A:1',
    transactions: [{ inForce: true, orderLine: { connection: 'erp', externalRef: '5001/1', lineage: { mappingVersion: 1, recordHash: 'a'.repeat(64) } }, order: { externalRef: '5001' } }],
  }); // prettier-ignore
  expect(explained?.demand).toHaveLength(2);
  expect(explained?.demand[0]).toMatchObject({
    rights: '1',
    excludedBecause: null,
    records: [{ record: { noun: 'seatAssignment' }, account: null, link: null }],
  });
});

test('a line that the snapshot has no pool for cannot be explained', () => {
  expect(explainLine('pos_unknown', snapshot, metrics)).toBeUndefined();
});

test('a metric whose count does not add up is caught by the invariants, and nothing is reported', () => {
  const broken = new Map(metrics).set('named_user', {
    attributes: z.strictObject({}), code: 'named_user', version: 1, title: 'x', family: 'user', unit: 'user', aggregation: 'count_distinct', source: 'x',
    meter: () => ({ required: '-1', counted: [], excluded: [], explanation: [] }),
  }); // prettier-ignore

  expect(() => reconcile(snapshot, broken)).toThrow(InternalError);
});

test('a true-up that nobody can price is still a shortfall', () => {
  const short = snapshotOf('2026-03-02', KNOWN_AT, {
    ...core,
    entitlements: [entitlement('e1')],
    transactions: [grant('e1', '1', '2026-01-01')],
    seats: seats(3),
  });

  expect(reconcile(short, metrics).positions[0]?.line).toMatchObject({
    shortfall: '2',
    trueUpCost: null,
  });
});
