import { describe, expect, test } from '@jest/globals';
import { factOf } from '../../../test/support/facts.ts';
import {
  customerSeat,
  entitlement,
  grant,
  KNOWN_AT,
  metrics,
  ownSeat,
  sku,
} from '../../../test/support/licensing-facts.ts';
import { reconcile } from '../reconcile.ts';
import { snapshotOf, type SnapshotFacts } from '../snapshot.ts';
import type { CycleScope } from './cycle-record.ts';
import { freezeRound } from './freeze-round.ts';

const TODAY = '2026-03-02';
const customer = (id: string, subsidiaryRef: string) =>
  factOf('organization', 'erp', {
    externalRef: id,
    legalName: id,
    kind: 'customer',
    subsidiaryRef,
  });
const link = (customerRef: string, accountRef: string) => ({
  customerConnection: 'erp', customerRef, accountConnection: 'crm', accountRef, method: 'foreignRef' as const, confidence: 1, evidence: [],
}); // prettier-ignore

/** CORE is sold to 001A and 001B by two of our subsidiaries; FIG is ours. Each is one right short. */
const WORLD: Partial<SnapshotFacts> = {
  skus: [sku('CORE', 'named_user'), { ...sku('FIG', 'user_subscription'), body: { ...sku('FIG', 'user_subscription').body, publisherName: 'Fable' } }],
  entitlements: [
    entitlement('a', { unitPrice: '10', currency: 'EUR' }),
    entitlement('b', { ownerRef: '001B', unitPrice: '10', currency: 'USD' }),
    entitlement('f', { posture: 'licensee', ownerRef: 'own', skuCode: 'FIG' }),
  ],
  transactions: [grant('a', '1', '2026-01-01'), grant('b', '1', '2026-01-01'), grant('f', '1', '2026-01-01')],
  seats: ['u', 'v'].flatMap((user) => [customerSeat(user), customerSeat(user, '001B'), ownSeat(user)]),
  organizations: [customer('c1', 'DE'), customer('c2', 'US')],
  organizationLinks: [link('c1', '001A'), link('c2', '001B')],
}; // prettier-ignore

function frozen(scope: CycleScope, facts = WORLD) {
  const snapshot = snapshotOf(TODAY, KNOWN_AT, facts);
  const run = { snapshot, reconciliation: reconcile(snapshot, metrics) };
  const { content, variances } = freezeRound(scope, run);
  const short = variances.filter(({ subject }) => subject.startsWith('position:'));
  return { content, pools: short.map(({ owner, sku: code }) => `${owner} ${code}`).toSorted() };
}

describe('a round', () => {
  test.each([
    [{ kind: 'all', ref: null }, ['001A CORE', '001B CORE', 'own FIG']],
    [{ kind: 'publisher', ref: 'Fable' }, ['own FIG']],
    [{ kind: 'product', ref: 'CORE' }, ['001A CORE', '001B CORE']],
    [{ kind: 'customer', ref: '001B' }, ['001B CORE']],
    [{ kind: 'legal_entity', ref: 'DE' }, ['001A CORE']],
    [{ kind: 'legal_entity', ref: 'FR' }, []],
  ] as const)('of %j is about %j', (scope, pools) => {
    const found = frozen(scope);

    expect(found.pools).toEqual(pools);
    expect(found.content.positions.lines).toBe(pools.length);
  });

  test('adds money up by currency and never across', () => {
    const { trueUpCost } = frozen({ kind: 'all', ref: null }).content;

    expect(trueUpCost).toEqual([
      { amount: '10.00', currency: 'EUR' },
      { amount: '10.00', currency: 'USD' },
    ]);
  });

  test('names the exceptions in force on its day, and of a scope those that touch it', () => {
    const exception = (id: string, skuCode: string, validTo: string) =>
      factOf('exception', 'trueup', {
        externalRef: id, kind: 'trial', skuCode, subjectRefs: [], quantityCap: '1', rationale: 'r', approverRefs: ['ann'],
        status: 'approved', validFrom: '2026-01-01', validTo,
      }); // prettier-ignore
    const world = {
      ...WORLD,
      exceptions: [
        exception('x1', 'CORE', '2026-04-01'),
        exception('x2', 'FIG', '2026-04-01'),
        exception('x3', 'CORE', TODAY),
      ],
    };
    const named = (scope: CycleScope) =>
      frozen(scope, world).content.exceptions.map(({ id }) => id);

    expect(named({ kind: 'all', ref: null })).toEqual(['x1', 'x2']);
    expect(named({ kind: 'product', ref: 'FIG' })).toEqual(['x2']);
    expect(named({ kind: 'customer', ref: '001A' })).toEqual(['x1']);
  });
});
