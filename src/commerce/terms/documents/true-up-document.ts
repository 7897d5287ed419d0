import * as z from 'zod';
import { CalendarDate, CurrencyCode, QuantityText } from '../../../canonical/fields.ts';
import { moneyOf } from '../../../kernel/money.ts';
import { compare, multiply, parseDecimal, rational, subtract, toPlain, type Rational } from '../../../kernel/rational.ts'; // prettier-ignore
import { monthsAndDays } from '../months.ts';
import {
  checkCurrency,
  collectProblems,
  documentHead,
  periodFields,
  positiveQuantity,
  quantityOf,
  statedPrice,
  termOf,
  type Problems,
} from '../problems.ts';
import { prorate, PRORATION_METHODS } from '../prorate.ts';
import { differenceOf, measuredUse, TRUE_UP_POLICIES, trueUpPrice, type TrueUpPrices } from '../true-up.ts'; // prettier-ignore
import { perMonths } from './proration-fields.ts';

const Prices = z.strictObject({
  contract: statedPrice.describe('The price for a true-up that the contract states'),
  override: statedPrice,
  lots: z
    .array(z.strictObject({ quantity: positiveQuantity, unitPrice: statedPrice }))
    .default([])
    .describe('What was bought, at which price: the weighted average counts'),
  list: statedPrice,
});

/** What is left of the term that a true-up is charged for. */
const Left = z.strictObject({
  ...periodFields,
  method: z.enum(['whole_months', ...PRORATION_METHODS]).default('whole_months'),
});

/** What a contract's true-up comes to. */
export const TrueUpDocument = z.strictObject({
  ...documentHead,
  what: z.literal('trueup'),
  currency: CurrencyCode,
  policy: z.enum(TRUE_UP_POLICIES),
  owned: QuantityText.describe('What is owned before the true-up'),
  since: CalendarDate.optional().describe('The last true-up: counts before it are left out'),
  counts: z.array(z.strictObject({ on: CalendarDate, quantity: QuantityText })).min(1),
  price: Prices.prefault({}),
  perMonths,
  left: Left.optional().describe('What is left of the term; the whole price is due where absent'),
  trueDown: z
    .strictObject({ minimum: QuantityText.default('0').describe('The committed least') })
    .optional()
    .describe('Whether what is not used may be given back; not where absent'),
});
type TrueUpDocument = z.output<typeof TrueUpDocument>;

export interface TrueUp {
  readonly what: 'trueup';
  readonly currency: string;
  readonly measured: string;
  readonly shortfall: string;
  readonly surplus: string;
  /** Null where nothing is to be paid or valued. */
  readonly unitPrice: string | null;
  readonly basis: string | null;
  /** How often the price is due for what is left of the term. */
  readonly multiplier: string;
  readonly monthsLeft: number | null;
  readonly trueUpAmount: string;
  /** What the surplus is worth at the same price, for a whole term. */
  readonly overLicensedAmount: string;
  readonly trueDown: { readonly quantity: string; readonly amount: string } | null;
  readonly steps: readonly string[];
}

function pricesOf(problems: Problems, price: TrueUpDocument['price']): TrueUpPrices {
  const read = (text: string | undefined): Rational | null => text === undefined ? null : parseDecimal(text); // prettier-ignore
  const lots = price.lots.map(({ quantity, unitPrice }, at) => {
    const pointer = `/price/lots/${at}`;
    if (unitPrice === undefined)
      problems.add(`${pointer}/unitPrice`, 'price_missing', 'an average needs the price of each lot: ask whoever bought it'); // prettier-ignore
    return {
      quantity: quantityOf(problems, `${pointer}/quantity`, quantity),
      unitPrice: parseDecimal(unitPrice ?? '0'),
    };
  });
  return {
    contract: read(price.contract),
    override: read(price.override),
    lots,
    list: read(price.list),
  };
}

interface Rest {
  readonly factor: Rational;
  readonly months: number | null;
  readonly words: string;
}

function restOf(problems: Problems, { left, perMonths: price }: TrueUpDocument): Rest {
  if (left === undefined) return { factor: rational(1n), months: null, words: 'the whole price' };
  const term = termOf(problems, '/left', left);
  const { months, days } = monthsAndDays(term);
  if (left.method !== 'whole_months') {
    const { factor, words } = prorate(term, { method: left.method }, price);
    return { factor, months, words };
  }
  const over = days === 0 ? '' : ` (and ${days} days, which are free)`;
  const words = `${months}/${price} for ${months} whole months${over}`;
  return { factor: rational(BigInt(months), BigInt(price)), months, words };
}

function readCounts(problems: Problems, { counts, since }: TrueUpDocument) {
  const read = counts.map(({ on, quantity }, at) => {
    const value = parseDecimal(quantity);
    if (value.num < 0n)
      problems.add(`/counts/${at}/quantity`, 'quantity_not_positive', `${quantity} cannot be counted`); // prettier-ignore
    return { on, quantity: value };
  });
  const own = read.filter(({ on }) => since === undefined || on >= since);
  if (own.length === 0)
    problems.add('/counts', 'missing', `nothing was counted since ${since ?? ''}: no count, no true-up`); // prettier-ignore
  return own;
}

/**
 * What is short of the counted use, at the contract's price for what is left of the term, and what is over. Throws
 * ValidationError with its problems; a missing price is one only where something is to be priced.
 */
export function evaluateTrueUp(document: TrueUpDocument): TrueUp {
  const { currency } = document;
  const problems = collectProblems();
  checkCurrency(problems, '/currency', currency);
  const counts = readCounts(problems, document);
  const owned = parseDecimal(document.owned);
  if (owned.num < 0n)
    problems.add('/owned', 'quantity_not_positive', `${document.owned} cannot be owned`);
  const prices = pricesOf(problems, document.price);
  const rest = restOf(problems, document);
  problems.refuse();
  const measured = measuredUse(counts, document.policy);
  const { shortfall, surplus } = differenceOf(measured.quantity, owned);
  const priced = trueUpPrice(prices);
  if (priced === null && shortfall.num > 0n)
    problems.add('/price', 'price_missing', `${toPlain(shortfall, 6)} are short, and no price is stated: ask whoever signed the contract. None is invented`); // prettier-ignore
  problems.refuse();
  const price = priced?.price ?? rational(0n);
  const due = moneyOf(multiply(multiply(shortfall, price), rest.factor), currency).amount;
  const over = moneyOf(multiply(surplus, price), currency).amount;
  const down = trueDownOf(document, { owned, surplus, price, factor: rest.factor });
  const shown = toPlain(price, 10);
  return {
    what: 'trueup',
    currency,
    measured: toPlain(measured.quantity, 6),
    shortfall: toPlain(shortfall, 6),
    surplus: toPlain(surplus, 6),
    unitPrice: priced === null ? null : shown,
    basis: priced?.basis ?? null,
    multiplier: toPlain(rest.factor, 10),
    monthsLeft: rest.months,
    trueUpAmount: due,
    overLicensedAmount: over,
    trueDown: down,
    steps: [
      `Counted: ${measured.words}. Owned: ${document.owned}.`,
      shortfall.num > 0n
        ? `Short: ${toPlain(shortfall, 6)} × ${shown} (${priced?.basis ?? ''}) × ${rest.words} = ${due} ${currency}`
        : `Nothing is short; ${toPlain(surplus, 6)} are not used${priced === null ? '' : `, worth ${over} ${currency} at ${shown} (${priced.basis})`}.`,
      ...(down === null ? [] : [`May be given back: ${down.quantity}, ${down.amount} ${currency} for what is left of the term.`]), // prettier-ignore
    ],
  };
}

/** What may be given back: the surplus, down to the committed least. */
function trueDownOf(
  { trueDown, currency }: TrueUpDocument,
  { owned, surplus, price, factor }: { readonly owned: Rational; readonly surplus: Rational; readonly price: Rational; readonly factor: Rational }, // prettier-ignore
): TrueUp['trueDown'] {
  if (trueDown === undefined) return null;
  const above = subtract(owned, parseDecimal(trueDown.minimum));
  const most = above.num < 0n ? rational(0n) : above;
  const quantity = compare(surplus, most) < 0 ? surplus : most;
  const { amount } = moneyOf(multiply(multiply(quantity, price), factor), currency);
  return { quantity: toPlain(quantity, 6), amount };
}
