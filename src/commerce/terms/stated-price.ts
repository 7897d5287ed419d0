import {
  add,
  ceil,
  compare,
  divide,
  multiply,
  rational,
  subtract,
  toPlain,
  type Rational,
} from '../../kernel/rational.ts';

/** How a contract finds the price of a quantity. */
export const PRICE_MODELS = [
  'per_unit',
  'graduated',
  'volume',
  'package',
  'slab',
  'overage',
  'block',
  'flat',
] as const;
export type PriceModel = (typeof PRICE_MODELS)[number];

/** A tier up to and with `upTo`; the last one has no bound. */
export interface StatedTier {
  readonly upTo: Rational | null;
  readonly unitAmount: Rational;
  readonly flatAmount: Rational;
}

/** A price as the contract states it; each model reads its own parts. */
export interface StatedPrice {
  readonly model: PriceModel;
  readonly tiers: readonly StatedTier[];
  /** Units that cost nothing, before anything else is counted. */
  readonly freeUnits: Rational;
  /** Units of a package. */
  readonly packageSize: Rational;
  /** `overage`: what is due in any case, and the units that it includes. */
  readonly baseAmount: Rational;
  readonly includedUnits: Rational;
  /** The most that is charged for use; of `overage` it bounds what is over, not the base. */
  readonly cap: Rational | null;
}

/** What a quantity comes to, exactly, and what it is made of. */
export interface PricedQuantity {
  readonly amount: Rational;
  readonly steps: readonly string[];
}

const ZERO = rational(0n);
const text = (value: Rational): string => toPlain(value, 10);

function more(left: Rational, right: Rational): Rational {
  const over = subtract(left, right);
  return over.num > 0n ? over : ZERO;
}

const times = (units: Rational, { unitAmount, flatAmount }: StatedTier): Rational => add(multiply(units, unitAmount), flatAmount); // prettier-ignore

function said(units: Rational, { unitAmount, flatAmount }: StatedTier): string {
  const flat = flatAmount.num === 0n ? '' : ` + ${text(flatAmount)}`;
  const amount = add(multiply(units, unitAmount), flatAmount);
  return `${text(units)} × ${text(unitAmount)}${flat} = ${text(amount)}`;
}

/** The tier that a quantity reaches. */
function tierAt(tiers: readonly StatedTier[], units: Rational): number {
  return tiers.findIndex(({ upTo }) => upTo === null || compare(units, upTo) <= 0);
}

/** Each tier prices the units that lie in it. */
function graduated({ tiers }: StatedPrice, units: Rational): PricedQuantity {
  let amount = ZERO;
  let below = ZERO;
  const steps: string[] = [];
  for (const tier of tiers) {
    const inTier = more(tier.upTo !== null && compare(units, tier.upTo) > 0 ? tier.upTo : units, below); // prettier-ignore
    if (inTier.num <= 0n) break;
    amount = add(amount, times(inTier, tier));
    steps.push(said(inTier, tier));
    below = tier.upTo ?? units;
  }
  return { amount, steps };
}

/** The tier that is reached prices all units. */
function volume({ tiers }: StatedPrice, units: Rational): PricedQuantity {
  const tier = tiers[tierAt(tiers, units)];
  return tier === undefined
    ? { amount: ZERO, steps: [] }
    : { amount: times(units, tier), steps: [said(units, tier)] };
}

const MODELS: Readonly<
  Record<PriceModel, (price: StatedPrice, units: Rational) => PricedQuantity>
> = {
  per_unit: volume,
  volume,
  graduated,
  // Bank tariffs call it so: "250 at 1, the next 250 at 2, the rest at 3" (G-41).
  slab: graduated,
  // The tier that is reached has one price, whatever the quantity in it.
  block: (price, units) => {
    const tier = price.tiers[tierAt(price.tiers, units)];
    const amount = tier?.flatAmount ?? ZERO;
    return { amount, steps: [`${text(units)} units fall into the block of ${text(amount)}`] };
  },
  flat: ({ tiers: [tier] }) => {
    const amount = tier?.flatAmount ?? ZERO;
    return { amount, steps: [`${text(amount)} whatever the quantity`] };
  },
  package: ({ tiers: [tier], packageSize }, units) => {
    const packs = rational(ceil(divide(units, packageSize)));
    const amount = multiply(packs, tier?.unitAmount ?? ZERO);
    const each = text(tier?.unitAmount ?? ZERO);
    return {
      amount,
      steps: [`${text(units)} units are ${text(packs)} packages of ${text(packageSize)}, at ${each} each: ${text(amount)}`], // prettier-ignore
    };
  },
  overage: ({ tiers: [tier], baseAmount, includedUnits, cap }, units) => {
    const over = more(units, includedUnits);
    const charge = multiply(over, tier?.unitAmount ?? ZERO);
    const held = cap !== null && compare(charge, cap) > 0 ? cap : charge;
    const capped = held === charge ? '' : `, capped at ${text(held)}`;
    return {
      amount: add(baseAmount, held),
      steps: [
        `${text(baseAmount)} includes ${text(includedUnits)} units`,
        `${text(over)} over × ${text(tier?.unitAmount ?? ZERO)} = ${text(charge)}${capped}`,
      ],
    };
  },
};

/**
 * What a quantity costs by the stated price (G-37 to G-44), exactly. Free units are taken off first. Of `overage` the cap bounds
 * what is charged beyond the base; of any other model the whole.
 */
export function priceOf(price: StatedPrice, quantity: Rational): PricedQuantity {
  const units = more(quantity, price.freeUnits);
  const free = price.freeUnits.num > 0n ? [`${text(quantity)} − ${text(price.freeUnits)} free = ${text(units)} units`] : []; // prettier-ignore
  const { amount, steps } = MODELS[price.model](price, units);
  const isOver = price.cap !== null && price.model !== 'overage' && compare(amount, price.cap) > 0;
  const capped = isOver && price.cap !== null ? price.cap : amount;
  return {
    amount: capped,
    steps: [...free, ...steps, ...(isOver ? [`capped at ${text(capped)}`] : [])],
  };
}

/** More units for less money: where the next tiers begin, and what is saved by going there. */
export interface TierInversion {
  readonly quantity: Rational;
  readonly amount: Rational;
  readonly saving: Rational;
}

/**
 * The quantity above the given one that costs least, if it costs less (finding `tier_inversion`, G-43). Only the first quantity
 * of each higher tier can, and only where a tier prices all units. `step` is the smallest quantity that is sold.
 */
export function tierInversion(
  price: StatedPrice,
  quantity: Rational,
  step: Rational,
): TierInversion | null {
  if (price.model !== 'volume' && price.model !== 'block') return null;
  const here = priceOf(price, quantity).amount;
  let best: TierInversion | null = null;
  for (const { upTo } of price.tiers.slice(0, -1)) {
    if (upTo === null) continue;
    const next = add(add(upTo, price.freeUnits), step);
    if (compare(next, quantity) <= 0) continue;
    const { amount } = priceOf(price, next);
    if (compare(amount, best?.amount ?? here) >= 0) continue;
    best = { quantity: next, amount, saving: subtract(here, amount) };
  }
  return best;
}
