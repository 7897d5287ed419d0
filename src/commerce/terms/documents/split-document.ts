import * as z from 'zod';
import { Amount, CalendarDate, CurrencyCode, QuantityText } from '../../../canonical/fields.ts';
import { FiscalCalendar } from '../../../canonical/fiscal-calendar.ts';
import { addMonths, daysBetween } from '../../../kernel/dates.ts';
import { fiscalYearOf, type FiscalPeriod } from '../../../kernel/fiscal-calendar.ts';
import { addMoney, money } from '../../../kernel/money.ts';
import { parseDecimal, rational, toPlain, type Rational } from '../../../kernel/rational.ts';
import { commonDays, type Term } from '../months.ts';
import {
  checkCurrency,
  collectProblems,
  documentHead,
  periodFields,
  termOf,
  type Problems,
} from '../problems.ts';
import { splitAmount } from '../split-amount.ts';

/** How a document describes a fiscal calendar. */
export const CalendarFields = FiscalCalendar.omit({ externalRef: true, name: true });

const weigh = z
  .enum(['days', 'equally'])
  .default('days')
  .describe('Whether a period counts by its days of the term or as one');

/** By what an amount is shared out. */
const Shares = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('equal'), parts: z.number().int().min(1).max(10_000) }),
  z.strictObject({
    kind: z.literal('weights'),
    shares: z
      .array(z.strictObject({ id: z.string().min(1), weight: QuantityText }))
      .min(1)
      .max(10_000),
  }),
  z.strictObject({
    kind: z.literal('months'),
    ...periodFields,
    anchor: CalendarDate.optional().describe('A day on which a month of the schedule begins; the first day where absent'), // prettier-ignore
    weigh,
  }),
  z.strictObject({
    kind: z.literal('fiscal_periods'),
    calendar: CalendarFields,
    ...periodFields,
    weigh,
  }),
]);
type Shares = z.output<typeof Shares>;

/** An amount in shares that give it again. */
export const SplitDocument = z.strictObject({
  ...documentHead,
  what: z.literal('split'),
  currency: CurrencyCode,
  amount: Amount,
  remainder: z.enum(['first', 'last']).default('last').describe('Who takes what rounding leaves'),
  by: Shares,
});
type SplitDocument = z.output<typeof SplitDocument>;

/** A share before it has an amount. */
interface Part {
  readonly id: string;
  readonly weight: Rational;
  /** The days of the term in it. */
  readonly term?: Term;
  readonly fiscal?: FiscalPeriod;
}

export interface Share {
  readonly id: string;
  readonly weight: string;
  readonly amount: string;
  readonly from?: string;
  readonly to?: string;
  /** The whole fiscal period, which may begin before the term or end after it. */
  readonly fiscal?: FiscalPeriod;
}

export interface Split {
  readonly what: 'split';
  readonly currency: string;
  readonly amount: string;
  readonly shares: readonly Share[];
  readonly sum: string;
  readonly steps: readonly string[];
}

const whole = (value: number): Rational => rational(BigInt(value));

function weightOf(term: Term, how: 'days' | 'equally'): Rational {
  return how === 'days' ? whole(daysBetween(term.from, term.to)) : whole(1);
}

function monthParts(term: Term, anchor: string, how: 'days' | 'equally'): readonly Part[] {
  const parts: Part[] = [];
  const months = (date: string): number => Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)); // prettier-ignore
  for (let at = months(term.from) - months(anchor) - 1; addMonths(anchor, at) < term.to; at += 1) {
    const own = commonDays(term, { from: addMonths(anchor, at), to: addMonths(anchor, at + 1) });
    if (own !== null) parts.push({ id: own.from, weight: weightOf(own, how), term: own });
  }
  return parts;
}

function fiscalParts(
  term: Term,
  calendar: z.output<typeof CalendarFields>,
  how: 'days' | 'equally',
): readonly Part[] {
  const parts: Part[] = [];
  for (let day = term.from; day < term.to;) {
    const year = fiscalYearOf(calendar, day);
    for (const fiscal of year.periods) {
      const own = commonDays(term, fiscal);
      if (own === null) continue;
      const id = `FY${fiscal.year} P${fiscal.period}`;
      parts.push({ id, weight: weightOf(own, how), term: own, fiscal });
    }
    day = year.to;
  }
  return parts;
}

function partsOf(problems: Problems, by: Shares): readonly Part[] {
  switch (by.kind) {
    case 'equal':
      return Array.from({ length: by.parts }, (_, at) => ({ id: String(at + 1), weight: whole(1) })); // prettier-ignore
    case 'weights': {
      by.shares.forEach(({ weight }, at) => {
        if (parseDecimal(weight).num < 0n)
          problems.add(`/by/shares/${at}/weight`, 'quantity_not_positive', 'a weight is zero or more'); // prettier-ignore
      });
      if (by.shares.every(({ weight }) => parseDecimal(weight).num <= 0n))
        problems.add('/by/shares', 'quantity_not_positive', 'no share has a weight: one must be more than zero'); // prettier-ignore
      return by.shares.map(({ id, weight }) => ({ id, weight: parseDecimal(weight) }));
    }
    case 'months': {
      const term = termOf(problems, '/by', by);
      return monthParts(term, by.anchor ?? term.from, by.weigh);
    }
    case 'fiscal_periods':
      return fiscalParts(termOf(problems, '/by', by), by.calendar, by.weigh);
  }
}

/** The shares, whose sum is the amount to the minor unit. Throws ValidationError with its problems. */
export function evaluateSplit(document: SplitDocument): Split {
  const problems = collectProblems();
  checkCurrency(problems, '/currency', document.currency);
  const parts = partsOf(problems, document.by);
  problems.refuse();
  const total = money(document.amount, document.currency);
  const amounts = splitAmount(total, parts.map(({ weight }) => weight), document.remainder); // prettier-ignore
  const shares = parts.map(({ id, weight, term, fiscal }, at) => ({
    id,
    weight: toPlain(weight, 6),
    amount: amounts[at]?.amount ?? '0',
    ...term,
    ...(fiscal === undefined ? {} : { fiscal }),
  }));
  const sum = amounts.reduce(addMoney, money('0', document.currency));
  return {
    what: 'split',
    currency: total.currency,
    amount: total.amount,
    shares,
    sum: sum.amount,
    steps: [
      ...shares.map(({ id, weight, amount }) => `${id}: weight ${weight}, ${amount}`),
      `Together ${sum.amount} ${sum.currency}; what rounding leaves is in the ${document.remainder} share.`,
    ],
  };
}
