import * as z from 'zod';
import { CalendarDate, CurrencyCode } from '../../../canonical/fields.ts';
import { multiply, parseDecimal, type Rational } from '../../../kernel/rational.ts';
import type { CotermLine } from '../coterm.ts';
import {
  checkCurrency,
  collectProblems,
  documentHead,
  endOf,
  periodFields,
  positiveQuantity,
  priceOf,
  quantityOf,
  statedPrice,
  type Problems,
} from '../problems.ts';
import { perMonths, ProrationFields } from './proration-fields.ts';
import { CalendarFields } from './split-document.ts';

const Line = z.strictObject({
  id: z.string().min(1),
  state: z
    .enum(['held', 'new'])
    .default('held')
    .describe('held: paid up to its end; new: bought now, from its first day'),
  quantity: positiveQuantity,
  unitPrice: statedPrice,
  newUnitPrice: statedPrice.describe('blend_and_extend: the price of the extension, where it differs'), // prettier-ignore
  perMonths,
  ...periodFields,
  from: CalendarDate.optional().describe('The first day; the day of co-termination where absent'),
  left: positiveQuantity
    .optional()
    .describe('date_average: how much is left, in the unit of averageIn, in place of an end'),
});
type Line = z.output<typeof Line>;

const Alternative = z.strictObject({
  align: z.enum([
    'earliest',
    'latest',
    'date',
    'fiscal_year_end',
    'date_average',
    'blend_and_extend',
  ]),
  to: periodFields.to,
  endInclusive: periodFields.endInclusive,
  inYearOf: CalendarDate.optional().describe('fiscal_year_end: a day of the year whose end is meant; the day of co-termination where absent'), // prettier-ignore
});
type Alternative = z.output<typeof Alternative>;

/** Lines that shall end on one day, and the ways that are to be compared. */
export const CotermDocument = z.strictObject({
  ...documentHead,
  what: z.literal('coterm'),
  currency: CurrencyCode,
  on: CalendarDate.describe('The day from which the lines are aligned'),
  proration: ProrationFields.prefault({}),
  lines: z.array(Line).min(1).max(100_000),
  calendar: CalendarFields.optional(),
  averageIn: z.enum(['days', 'months']).default('days'),
  alternatives: z
    .array(Alternative)
    .min(1)
    .optional()
    .describe('Where absent: earliest, latest, date_average, and fiscal_year_end with a calendar'),
});
type CotermDocument = z.output<typeof CotermDocument>;

/** A line of the document in figures. */
export interface ReadLine extends CotermLine {
  readonly quantity: Rational;
  readonly unitPrice: Rational;
  readonly newUnitPrice: Rational | null;
  readonly left: Rational | null;
}

/** One way to align, with the common end where the document says it. */
export interface Wish {
  readonly align: Alternative['align'];
  readonly to: string | null;
  readonly inYearOf: string;
}

/** A document that was found to fit. */
export interface CotermInput {
  readonly currency: string;
  readonly on: string;
  readonly rule: CotermDocument['proration'];
  readonly lines: readonly ReadLine[];
  readonly calendar: CotermDocument['calendar'];
  readonly unit: 'days' | 'months';
  readonly wishes: readonly Wish[];
}

function readLine(problems: Problems, at: number, line: Line, on: string): ReadLine {
  const pointer = `/lines/${at}`;
  const from = line.from ?? on;
  const to = endOf(problems, pointer, { ...line, from });
  const quantity = quantityOf(problems, `${pointer}/quantity`, line.quantity);
  const unitPrice = priceOf(problems, `${pointer}/unitPrice`, line.unitPrice);
  const isSaid = line.to !== undefined || line.endInclusive !== undefined;
  if (line.state === 'held' && !isSaid && line.left === undefined)
    problems.add(pointer, 'no_end', 'is held and has no end: until when is it paid?');
  if (line.state === 'held' && to !== null && to <= on)
    problems.add(pointer, 'ended_before', `ended before ${on}: what is over is renewed, not co-termed`); // prettier-ignore
  return {
    id: line.id,
    state: line.state,
    from,
    to,
    value: multiply(quantity, unitPrice),
    priceMonths: line.perMonths,
    quantity,
    unitPrice,
    newUnitPrice: line.newUnitPrice === undefined ? null : parseDecimal(line.newUnitPrice),
    left: line.left === undefined ? null : quantityOf(problems, `${pointer}/left`, line.left),
  };
}

function wishesOf(
  problems: Problems,
  { alternatives, calendar, on }: CotermDocument,
): readonly Wish[] {
  // prettier-ignore
  const usual: readonly Alternative['align'][] = [
    'earliest',
    'latest',
    ...(calendar === undefined ? [] : (['fiscal_year_end'] as const)),
    'date_average',
  ];
  const wanted: readonly Alternative[] = alternatives ?? usual.map((align) => ({ align }));
  return wanted.map((each, at) => {
    const pointer = `/alternatives/${at}`;
    const to = endOf(problems, pointer, { from: on, to: each.to, endInclusive: each.endInclusive });
    const needsDate = each.align === 'date' || each.align === 'blend_and_extend';
    if (needsDate && each.to === undefined && each.endInclusive === undefined)
      problems.add(pointer, 'missing', `"${each.align}" needs its last day: give "endInclusive"`);
    if (each.align === 'fiscal_year_end' && calendar === undefined)
      problems.add(pointer, 'missing', 'a fiscal year end needs a "calendar"');
    return { align: each.align, to, inYearOf: each.inYearOf ?? on };
  });
}

/** The document in figures. Throws ValidationError with its problems. */
export function readCoterm(document: CotermDocument): CotermInput {
  const problems = collectProblems();
  checkCurrency(problems, '/currency', document.currency);
  const lines = document.lines.map((line, at) => readLine(problems, at, line, document.on));
  const seen = new Set<string>();
  lines.forEach(({ id }, at) => {
    if (seen.has(id)) problems.add(`/lines/${at}/id`, 'duplicate', `"${id}" is another line already`); // prettier-ignore
    seen.add(id);
  });
  const wishes = wishesOf(problems, document);
  problems.refuse();
  const { currency, on, proration: rule, calendar, averageIn: unit } = document;
  return { currency, on, rule, lines, calendar, unit, wishes };
}
