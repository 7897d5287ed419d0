import * as z from 'zod';
import { Amount, CurrencyCode, QuantityText, UnitPrice } from '../../../canonical/fields.ts';
import { moneyOf } from '../../../kernel/money.ts';
import { compare, parseDecimal, rational, toPlain, type Rational } from '../../../kernel/rational.ts'; // prettier-ignore
import {
  checkCurrency,
  collectProblems,
  documentHead,
  priceOf as statedAmount,
  type Problems,
} from '../problems.ts';
import {
  PRICE_MODELS,
  priceOf,
  tierInversion,
  type PriceModel,
  type StatedPrice,
} from '../stated-price.ts';

const Tier = z.strictObject({
  upTo: QuantityText.optional().describe('The last unit of the tier; none for the last tier'),
  unitAmount: UnitPrice.optional(),
  flatAmount: Amount.optional(),
});

const PriceFields = z.strictObject({
  model: z.enum(PRICE_MODELS),
  tiers: z.array(Tier).min(1).max(100),
  freeUnits: QuantityText.default('0'),
  packageSize: QuantityText.optional().describe('Units of a package'),
  baseAmount: Amount.optional().describe('overage: what is due in any case'),
  includedUnits: QuantityText.optional().describe('overage: the units that the base includes'),
  cap: Amount.optional().describe('The most that is charged for use; of overage, beyond the base'),
});
type PriceFields = z.output<typeof PriceFields>;

/** A price as the contract states it, and the quantities that it is asked for. */
export const PriceDocument = z.strictObject({
  ...documentHead,
  what: z.literal('price'),
  currency: CurrencyCode,
  price: PriceFields,
  quantities: z.array(QuantityText).min(1).max(1000),
  step: QuantityText.default('1').describe('The smallest quantity that is sold'),
});
type PriceDocument = z.output<typeof PriceDocument>;

/** A quantity's price; `inversion` is a larger quantity that costs less. */
export interface QuantityPrice {
  readonly quantity: string;
  readonly amount: string;
  readonly inversion: {
    readonly finding: 'tier_inversion';
    readonly quantity: string;
    readonly amount: string;
    readonly saving: string;
  } | null;
  readonly steps: readonly string[];
}

export interface Priced {
  readonly what: 'price';
  readonly currency: string;
  readonly model: PriceModel;
  readonly quantities: readonly QuantityPrice[];
  readonly steps: readonly string[];
}

/** The part of a tier that each model prices by. */
const NEEDS: Readonly<Record<PriceModel, 'unitAmount' | 'flatAmount'>> = {
  per_unit: 'unitAmount',
  graduated: 'unitAmount',
  volume: 'unitAmount',
  package: 'unitAmount',
  slab: 'unitAmount',
  overage: 'unitAmount',
  block: 'flatAmount',
  flat: 'flatAmount',
};
/** Models with one price, whatever the quantity. */
const SINGLE: ReadonlySet<PriceModel> = new Set(['per_unit', 'package', 'overage', 'flat']);

function checkTiers(problems: Problems, price: PriceFields): void {
  const { model, tiers } = price;
  if (SINGLE.has(model) && tiers.length > 1)
    problems.add('/price/tiers', 'tiers', `"${model}" has one price: give one tier`);
  tiers.forEach((tier, at) => {
    const pointer = `/price/tiers/${at}`;
    const need = NEEDS[model];
    statedAmount(problems, `${pointer}/${need}`, tier[need]);
    const [previous, upTo] = [tiers[at - 1]?.upTo, tier.upTo];
    if (at > 0 && previous === undefined)
      problems.add(pointer, 'tiers', 'follows a tier without a bound: only the last one has none');
    if (
      previous !== undefined &&
      upTo !== undefined &&
      compare(parseDecimal(upTo), parseDecimal(previous)) <= 0
    )
      // prettier-ignore
      problems.add(`${pointer}/upTo`, 'tiers', `ends at ${upTo}, no higher than the tier before it`);
  });
}

/** What a model needs besides tiers; without it there is no price, and none is made up. */
function checkParts(
  problems: Problems,
  { model, packageSize, baseAmount, includedUnits }: PriceFields,
): void {
  // prettier-ignore
  if (model === 'package' && (packageSize === undefined || parseDecimal(packageSize).num <= 0n))
    problems.add('/price/packageSize', 'missing', 'a package has a size of more than zero');
  if (model !== 'overage') return;
  statedAmount(problems, '/price/baseAmount', baseAmount);
  if (includedUnits === undefined)
    problems.add('/price/includedUnits', 'missing', 'how many units does the base include?');
}

function checkQuantity(problems: Problems, at: number, text: string, price: PriceFields): void {
  const value = parseDecimal(text);
  const mayBeZero = price.model === 'overage' || price.model === 'flat';
  if (value.num < 0n || (value.num === 0n && !mayBeZero))
    problems.add(`/quantities/${at}`, 'quantity_not_positive', `${text} is no quantity that can be priced`); // prettier-ignore
  const last = price.tiers.at(-1)?.upTo;
  if (last !== undefined && compare(value, parseDecimal(last)) > 0)
    problems.add(`/quantities/${at}`, 'price_missing', `the contract states no price above ${last}: ask whoever signed it`); // prettier-ignore
}

function statedPrice(price: PriceFields): StatedPrice {
  const read = (text: string | undefined): Rational => parseDecimal(text ?? '0');
  return {
    model: price.model,
    tiers: price.tiers.map(({ upTo, unitAmount, flatAmount }) => ({
      upTo: upTo === undefined ? null : parseDecimal(upTo),
      unitAmount: read(unitAmount),
      flatAmount: read(flatAmount),
    })),
    freeUnits: read(price.freeUnits),
    packageSize: price.packageSize === undefined ? rational(1n) : parseDecimal(price.packageSize),
    baseAmount: read(price.baseAmount),
    includedUnits: read(price.includedUnits),
    cap: price.cap === undefined ? null : parseDecimal(price.cap),
  };
}

function quantityPrice(
  price: StatedPrice,
  text: string,
  step: Rational,
  currency: string,
): QuantityPrice {
  // prettier-ignore
  const quantity = parseDecimal(text);
  const { amount, steps } = priceOf(price, quantity);
  const due = moneyOf(amount, currency).amount;
  const better = tierInversion(price, quantity, step);
  const inversion =
    better === null
      ? null
      : ({
          finding: 'tier_inversion',
          quantity: toPlain(better.quantity, 6),
          amount: moneyOf(better.amount, currency).amount,
          saving: moneyOf(better.saving, currency).amount,
        } as const);
  const told =
    inversion === null
      ? []
      : [`${inversion.quantity} would cost ${inversion.amount}, ${inversion.saving} less: the next tier begins there`]; // prettier-ignore
  return { quantity: toPlain(quantity, 6), amount: due, inversion, steps: [...steps, ...told] };
}

/** The price of each quantity, rounded once. Throws ValidationError with its problems. */
export function evaluatePrice(document: PriceDocument): Priced {
  const { currency, price } = document;
  const problems = collectProblems();
  checkCurrency(problems, '/currency', currency);
  checkTiers(problems, price);
  checkParts(problems, price);
  document.quantities.forEach((text, at) => checkQuantity(problems, at, text, price));
  if (parseDecimal(document.step).num <= 0n)
    problems.add('/step', 'quantity_not_positive', 'the smallest quantity is more than zero');
  problems.refuse();
  const stated = statedPrice(price);
  const step = parseDecimal(document.step);
  const quantities = document.quantities.map((text) => quantityPrice(stated, text, step, currency));
  return {
    what: 'price',
    currency,
    model: price.model,
    quantities,
    steps: quantities.flatMap(({ quantity, amount, steps }) => [
      `${quantity}: ${amount} ${currency}`,
      ...steps.map((each) => `  ${each}`),
    ]),
  };
}
