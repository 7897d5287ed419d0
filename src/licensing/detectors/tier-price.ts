import { moneyOf } from '../../kernel/money.ts';
import { addQuantity, compareQuantity } from '../../kernel/quantity.ts';
import { compare, multiply, parseDecimal, subtract, type Rational } from '../../kernel/rational.ts';
import type { Fact } from '../../ledger/fact.ts';
import { byAccount } from '../../ledger/identity/identities.ts';
import { contains } from '../../kernel/dates.ts';
import type { DriftWorld } from '../drift-world.ts';
import { bySource } from '../sort.ts';
import type { Detector, FindingDraft } from './detector.ts';
import { countedPools, poolFinding, type PoolLine } from './pool-finding.ts';

/** The tier that prices a quantity, and the one above it. */
interface Tiers {
  readonly schedule: Fact<'priceSchedule'>;
  readonly quantity: string;
  readonly now: Fact<'priceTier'>;
  readonly next: Fact<'priceTier'>;
  /** The least quantity that the next tier prices. */
  readonly from: string;
}

/** Volume prices in force for the part number of a pool: all units at the price of the tier that the quantity reaches. */
function tiersOf({ pool, position }: PoolLine, { snapshot, catalogue }: DriftWorld): Tiers | null {
  const quantity = position.line.rightsOwned;
  const schedule = snapshot.priceSchedules.toSorted(bySource).find(({ connection, body }) => {
    const period = { from: body.validFrom ?? snapshot.asOf, to: body.validTo };
    const sku = body.skuCode === undefined ? null : catalogue.resolve(connection, body.skuCode);
    return body.model === 'volume' && sku === pool.skuCode && contains(period, snapshot.asOf);
  });
  if (schedule === undefined || quantity === null) return null;
  const key = byAccount(schedule.connection, schedule.externalRef);
  const tiers = snapshot.priceTiers
    .filter((each) => byAccount(each.connection, each.body.scheduleRef) === key)
    .toSorted((left, right) => left.body.tierNumber - right.body.tierNumber);
  const at = tiers.findIndex(
    ({ body }) => body.upTo === undefined || compareQuantity(quantity, body.upTo) <= 0,
  );
  const [now, next] = [tiers[at], tiers[at + 1]];
  const upTo = now?.body.upTo;
  if (now === undefined || next === undefined || upTo === undefined) return null;
  return { schedule, quantity, now, next, from: addQuantity(upTo, '1') };
}

function costOf(quantity: string, tier: Fact<'priceTier'>): Rational | null {
  const { unitAmount } = tier.body;
  return unitAmount === undefined
    ? null
    : multiply(parseDecimal(quantity), parseDecimal(unitAmount));
}

/** What the two tiers cost, at what is owned and at the least quantity of the next. */
function compared(tiers: Tiers): { readonly saving: Rational } | null {
  const [here, there] = [costOf(tiers.quantity, tiers.now), costOf(tiers.from, tiers.next)];
  return here === null || there === null ? null : { saving: subtract(here, there) };
}

function evidence({ schedule, now, next }: Tiers): readonly string[] {
  return [schedule, now, next].map((each) => each.factId);
}

/** More rights for less money: the next tier's least quantity costs less than what is owned (G-43). */
export const tierInversion: Detector = {
  kind: 'tier_inversion',
  version: 1,
  severity: 'medium',
  detect(world) {
    return countedPools(world).flatMap((each): readonly FindingDraft[] => {
      const tiers = tiersOf(each, world);
      const saving = tiers === null ? null : (compared(tiers)?.saving ?? null);
      if (tiers === null || saving === null || saving.num <= 0n) return [];
      const { currency } = tiers.schedule.body;
      const money = moneyOf(saving, currency);
      return poolFinding(each, {
        money,
        more: evidence(tiers),
        owner: 'finance',
        summary: `${tiers.from} rights of ${each.pool.skuCode} cost ${money.amount} ${currency} less than the ${tiers.quantity} that are owned: the next price tier begins there. Buy up to it at the next chance.`,
      });
    });
  },
};

/** A quantity just below the next tier, where more rights are not yet cheaper in sum. */
export const tierProximity: Detector = {
  kind: 'tier_proximity',
  version: 1,
  severity: 'low',
  detect(world) {
    const near = parseDecimal(String(1 - world.snapshot.detection.tierProximityPercent / 100));
    return countedPools(world).flatMap((each): readonly FindingDraft[] => {
      const tiers = tiersOf(each, world);
      const saving = tiers === null ? null : (compared(tiers)?.saving ?? null);
      if (tiers === null || saving === null || saving.num > 0n) return [];
      const isNear =
        compare(parseDecimal(tiers.quantity), multiply(parseDecimal(tiers.from), near)) >= 0;
      if (!isNear) return [];
      return poolFinding(each, {
        more: evidence(tiers),
        owner: 'finance',
        summary: `${tiers.quantity} rights of ${each.pool.skuCode} are owned, and the next price tier begins at ${tiers.from}. Ask for its price at the next purchase.`,
      });
    });
  },
};
