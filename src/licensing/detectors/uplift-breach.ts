import {
  add,
  compare,
  divide,
  multiply,
  parseDecimal,
  rational,
  subtract,
  toPlain,
} from '../../kernel/rational.ts';
import type { Fact } from '../../ledger/fact.ts';
import { byAccount } from '../../ledger/identity/identities.ts';
import type { CountedEntitlement } from '../rights.ts';
import type { DriftWorld } from '../drift-world.ts';
import type { Pool } from '../pools.ts';
import { compareText } from '../sort.ts';
import type { Detector } from './detector.ts';

interface Term {
  readonly entitlement: CountedEntitlement;
  readonly from: string;
  readonly to: string;
  readonly unitPrice: string;
  readonly currency: string;
}

/** The priced terms of one pool under one agreement or its successor, in their order. */
function termsOf(pool: Pool): readonly Term[] {
  const terms = pool.entitlements.flatMap((entitlement) => {
    const { unitPrice, currency, status } = entitlement.fact.body;
    const periods = entitlement.transactions.map(({ fact }) => fact.body);
    const from = periods.map(({ validFrom }) => validFrom ?? '').toSorted()[0];
    const to = periods
      .map(({ validTo }) => validTo ?? '9999-12-31')
      .toSorted()
      .at(-1);
    if (unitPrice === undefined || currency === undefined || status !== 'active') return [];
    return from === undefined || to === undefined
      ? []
      : [{ entitlement, from, to, unitPrice, currency }];
  });
  return terms.toSorted((left, right) => compareText(left.from, right.from));
}

/** The cap of an agreement's uplift, in percent; null where none is agreed. */
function capOf(
  pool: Pool,
  term: Term,
  world: DriftWorld,
): { readonly policy: Fact<'upliftPolicy'>; readonly cap: string } | null {
  const { agreementRef } = term.entitlement.fact.body;
  const agreement = world.snapshot.agreements.find(
    (each) => each.externalRef === agreementRef && each.body.posture === pool.posture,
  );
  const ref = agreement?.body.upliftPolicyRef;
  if (agreement === undefined || ref === undefined) return null;
  const policy = world.snapshot.upliftPolicies.find(
    (each) => byAccount(each.connection, each.externalRef) === byAccount(agreement.connection, ref),
  );
  const cap = policy?.body.capPct ?? policy?.body.fixedPct;
  return policy === undefined || cap === undefined ? null : { policy, cap };
}

function findingsOf(pool: Pool, world: DriftWorld) {
  const terms = termsOf(pool);
  return terms.flatMap((term, at) => {
    const before = terms.slice(0, at).findLast((each) => each.to === term.from);
    const agreed = before === undefined ? null : capOf(pool, before, world);
    if (before === undefined || agreed === null || before.currency !== term.currency) return [];
    const [old, now] = [parseDecimal(before.unitPrice), parseDecimal(term.unitPrice)];
    const hundred = rational(100n);
    const most = multiply(old, add(rational(1n), divide(parseDecimal(agreed.cap), hundred)));
    if (compare(now, most) <= 0 || old.num === 0n) return [];
    const applied = toPlain(multiply(divide(subtract(now, old), old), hundred), 2);
    return {
      subject: { type: 'Entitlement', id: term.entitlement.fact.externalRef },
      connection: term.entitlement.fact.connection,
      sku: pool.skuCode,
      money: null,
      evidence: [
        term.entitlement.fact.factId,
        before.entitlement.fact.factId,
        agreed.policy.factId,
      ],
      owner: 'finance' as const,
      summary: `The price of ${pool.skuCode} rose by ${applied} % on ${term.from} (${before.unitPrice} to ${term.unitPrice} ${term.currency}); the agreement allows ${agreed.cap} %. Correct the price, or record why it was agreed.`,
    };
  });
}

/** A renewal whose price rose by more than its agreement allows (domain e). */
export const upliftBreach: Detector = {
  kind: 'uplift_breach',
  version: 1,
  severity: 'high',
  detect(world) {
    return world.pools.flatMap((pool) => findingsOf(pool, world));
  },
};
