import * as z from 'zod';
import { CurrencyCode } from '../../../canonical/fields.ts';
import { daysBetween, endInclusive } from '../../../kernel/dates.ts';
import { addMoney, money, moneyOf, type Money } from '../../../kernel/money.ts';
import { multiply, toFixed, toPlain } from '../../../kernel/rational.ts';
import {
  checkCurrency,
  collectProblems,
  documentHead,
  periodFields,
  positiveQuantity,
  priceOf,
  quantityOf,
  statedPrice,
  termOf,
} from '../problems.ts';
import { prorate } from '../prorate.ts';
import { perMonths, ProrationFields } from './proration-fields.ts';

/** Prices cut to the terms of their lines. */
export const ProrateDocument = z.strictObject({
  ...documentHead,
  what: z.literal('prorate'),
  currency: CurrencyCode,
  proration: ProrationFields.prefault({}),
  /** Decimal places at which multipliers are shown; amounts are computed from the exact ones. */
  places: z.number().int().min(0).max(10).default(6),
  lines: z
    .array(
      z.strictObject({
        id: z.string().min(1).optional(),
        quantity: positiveQuantity.default('1'),
        unitPrice: statedPrice,
        perMonths,
        ...periodFields,
        proration: ProrationFields.optional().describe('In place of that of the document'),
      }),
    )
    .min(1),
});
type ProrateDocument = z.output<typeof ProrateDocument>;

/** One line's price for its term. */
export interface ProratedLine {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly endInclusive: string;
  readonly days: number;
  readonly method: string;
  /** How often the stated price is due: at the document's places, and exactly as a fraction. */
  readonly multiplier: string;
  readonly exact: string;
  readonly amount: string;
}

export interface Prorated {
  readonly what: 'prorate';
  readonly currency: string;
  readonly lines: readonly ProratedLine[];
  readonly total: string;
  readonly steps: readonly string[];
}

/** Each line's quantity × price × multiplier, rounded once, at the line (G-51). Throws ValidationError with its problems. */
export function evaluateProrate(document: ProrateDocument): Prorated {
  const { currency } = document;
  const problems = collectProblems();
  checkCurrency(problems, '/currency', currency);
  const read = document.lines.map((line, at) => ({
    line,
    term: termOf(problems, `/lines/${at}`, line),
    quantity: quantityOf(problems, `/lines/${at}/quantity`, line.quantity),
    price: priceOf(problems, `/lines/${at}/unitPrice`, line.unitPrice),
  }));
  problems.refuse();
  const lines = read.map(({ line, term, quantity, price }, at) => {
    const rule = line.proration ?? document.proration;
    const { factor, words } = prorate(term, rule, line.perMonths);
    const due = moneyOf(multiply(multiply(quantity, price), factor), currency);
    const id = line.id ?? `line ${at + 1}`;
    const shown: ProratedLine = {
      id,
      ...term,
      endInclusive: endInclusive(term.to),
      days: daysBetween(term.from, term.to),
      method: rule.method,
      multiplier: toFixed(factor, document.places),
      exact: factor.den === 1n ? `${factor.num}` : `${factor.num}/${factor.den}`,
      amount: due.amount,
    };
    const per = line.perMonths === 12 ? 'a year' : `${line.perMonths} months`;
    const step = `${id}: ${toPlain(quantity, 6)} × ${toPlain(price, 10)} for ${per} × ${words}, from ${term.from} up to and with ${shown.endInclusive} (${rule.method}), that is × ${shown.multiplier} = ${due.amount} ${currency}`;
    return { shown, due, step };
  });
  const total = lines.reduce<Money>((sum, { due }) => addMoney(sum, due), money('0', currency));
  return {
    what: 'prorate',
    currency,
    lines: lines.map(({ shown }) => shown),
    total: total.amount,
    steps: [...lines.map(({ step }) => step), `Together ${total.amount} ${currency}.`],
  };
}
