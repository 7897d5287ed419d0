import * as z from 'zod';
import { CalendarDate, QuantityText, UnitPrice } from '../../canonical/fields.ts';
import { endExclusive } from '../../kernel/dates.ts';
import { ValidationError } from '../../kernel/errors.ts';
import { exponentOf } from '../../kernel/money.ts';
import { parseDecimal, rational, type Rational } from '../../kernel/rational.ts';
import type { Term } from './months.ts';

export type TermsProblemCode =
  | 'not_json'
  | 'schema'
  | 'another_document'
  | 'end_before_start'
  | 'no_end'
  | 'two_ends'
  | 'quantity_not_positive'
  | 'price_missing'
  | 'unknown_currency'
  | 'unknown_time_zone'
  | 'overlap'
  | 'gap'
  | 'outside_term'
  | 'precedes_base'
  | 'ended_before'
  | 'tiers'
  | 'missing'
  | 'duplicate';

/** What does not fit in a document: where (JSON Pointer), by which rule, and what to do. */
export interface TermsProblem {
  readonly pointer: string;
  readonly code: TermsProblemCode;
  readonly message: string;
}

/** Problems of a document, gathered so that all are told at once. */
export interface Problems {
  add(pointer: string, code: TermsProblemCode, message: string): void;
  /** Throws ValidationError, with the problems in its details, if there are any. */
  refuse(): void;
}

export function collectProblems(): Problems {
  const found: TermsProblem[] = [];
  return {
    add: (pointer, code, message) => void found.push({ pointer, code, message }),
    refuse: () => {
      if (found.length > 0) throw refusal(found);
    },
  };
}

/** The error of a document that is refused. */
export function refusal(problems: readonly TermsProblem[]): ValidationError {
  const lines = problems.map(({ pointer, message, code }) => `${pointer || '/'}: ${message} [${code}]`); // prettier-ignore
  return new ValidationError(`The document does not fit:\n${lines.join('\n')}`, {
    details: { problems },
  });
}

/** How a document says from when to when. */
export const periodFields = {
  from: CalendarDate.describe('The first day'),
  to: CalendarDate.optional().describe('The first day after the end; or give endInclusive'),
  endInclusive: CalendarDate.optional().describe('The last day, as paper and CRM systems say it'),
} as const;

interface SaidPeriod {
  readonly from: string;
  readonly to?: string | undefined;
  readonly endInclusive?: string | undefined;
}

/** The end of a period, exclusive, however it is said; null where it is not, and with a problem where it is said twice. */
export function endOf(problems: Problems, at: string, said: SaidPeriod): string | null {
  const { from, to, endInclusive } = said;
  if (to !== undefined && endInclusive !== undefined) {
    problems.add(at, 'two_ends', 'gives "to" and "endInclusive": keep one of them');
    return null;
  }
  const end = to ?? (endInclusive === undefined ? null : endExclusive(endInclusive));
  if (end !== null && end <= from) {
    problems.add(at, 'end_before_start', `ends on ${endInclusive ?? to ?? ''}, before its first day ${from} is over`); // prettier-ignore
    return null;
  }
  return end;
}

/** A period that must have an end. Where it does not fit, the problem is kept and a day is given in its place. */
export function termOf(problems: Problems, at: string, said: SaidPeriod): Term {
  const end = endOf(problems, at, said);
  if (end === null && said.to === undefined && said.endInclusive === undefined)
    problems.add(at, 'no_end', 'has no end: give "endInclusive" (the last day) or "to"');
  return { from: said.from, to: end ?? endExclusive(said.from) };
}

/** A quantity of which there must be some. */
export const positiveQuantity = QuantityText.describe('How many; more than zero');

export function quantityOf(problems: Problems, at: string, text: string): Rational {
  const value = parseDecimal(text);
  if (value.num <= 0n)
    problems.add(at, 'quantity_not_positive', `${text} is no quantity that can be charged: give more than zero, and say what is given back as a credit`); // prettier-ignore
  return value;
}

/** A price that the document need not give, so that its absence can be told as what it is: a question. */
export const statedPrice = UnitPrice.optional().describe(
  'As the contract or the order states it; where it is not known a person has to say it',
);

export function priceOf(problems: Problems, at: string, text: string | undefined): Rational {
  if (text === undefined)
    problems.add(at, 'price_missing', 'no price is stated: ask whoever signed the contract. None is invented'); // prettier-ignore
  return text === undefined ? rational(0n) : parseDecimal(text);
}

export function checkCurrency(problems: Problems, at: string, currency: string): void {
  try {
    exponentOf(currency);
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    problems.add(at, 'unknown_currency', error.message);
  }
}

/** Members that every document may have. */
export const documentHead = {
  $schema: z.string().optional(),
  title: z.string().optional(),
  /** Where the figures come from. */
  source: z.string().optional(),
} as const;
