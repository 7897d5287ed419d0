import {
  addDays,
  addMonths,
  daysBetween,
  daysInMonth,
  type LocalDate,
} from '../../kernel/dates.ts';
import { add, divide, multiply, rational, subtract, type Rational } from '../../kernel/rational.ts';
import { commonDays, type Term } from './months.ts';
import { prorate, type ProrationRule } from './prorate.ts';

/**
 * A line to be co-termed. A held one is paid up to its end; a new one is bought now, from its first day, and nothing of it is paid.
 */
export interface CotermLine {
  readonly id: string;
  readonly state: 'held' | 'new';
  readonly from: LocalDate;
  /** The first day after the term; a new line may leave its end to the alignment. */
  readonly to: LocalDate | null;
  /** Quantity × unit price: what `priceMonths` months cost. */
  readonly value: Rational;
  readonly priceMonths: number;
}

/** What the alignment means for one line. A negative amount is a credit. */
export interface AlignedLine {
  readonly id: string;
  readonly action: 'extend' | 'credit' | 'start' | 'keep';
  readonly from: LocalDate;
  readonly to: LocalDate;
  /** The days that the amount is for; null where there are none. */
  readonly charged: Term | null;
  readonly amount: Rational;
  readonly words: string;
}

const ZERO = rational(0n);
const whole = (value: number): Rational => rational(BigInt(value));

interface Charge {
  readonly amount: Rational;
  readonly words: string;
}

function chargeFor(line: CotermLine, term: Term, rule: ProrationRule): Charge {
  const { factor, words } = prorate(term, rule, line.priceMonths);
  return { amount: multiply(line.value, factor), words };
}

/**
 * Price-prorating (rule c.9; CPQ, most subscriptions): every line ends on `to`, and the price of what it is longer or shorter is due
 * or credited. What a held line has used up is left alone. The caller sees to it that each line begins before `to`.
 */
export function alignLine(line: CotermLine, to: LocalDate, rule: ProrationRule): AlignedLine {
  const base = { id: line.id, from: line.from, to };
  if (line.state === 'new' || line.to === null) {
    const charged = { from: line.from, to };
    return { ...base, action: 'start', charged, ...chargeFor(line, charged, rule) };
  }
  if (line.to === to) return { ...base, action: 'keep', charged: null, amount: ZERO, words: '0' };
  if (line.to < to) {
    const charged = { from: line.to, to };
    return { ...base, action: 'extend', charged, ...chargeFor(line, charged, rule) };
  }
  const charged = { from: to, to: line.to };
  const { amount, words } = chargeFor(line, charged, rule);
  return { ...base, action: 'credit', charged, amount: subtract(ZERO, amount), words };
}

/** What the lines are worth from `on` to their ends: a held one what is paid and not used, a new one nothing yet. */
export function remainingValue(line: CotermLine, on: LocalDate, rule: ProrationRule): Rational {
  if (line.state === 'new' || line.to === null) return ZERO;
  const left = commonDays({ from: line.from, to: line.to }, { from: on });
  return left === null ? ZERO : chargeFor(line, left, rule).amount;
}

/** One line of the date-averaging family: what a year of it costs, and how long it is still to run. */
export interface AveragedLine {
  readonly value: Rational;
  readonly left: Rational;
}

/** The common rest of a term. */
export interface AveragedTerm {
  /** Σ value × left / Σ value, exactly. */
  readonly exact: Rational;
  /** Whole days, or months to the day, that remain. */
  readonly to: LocalDate;
  /** What the cut to whole days takes away, as a share of a unit. */
  readonly cut: Rational;
}

/**
 * Date-averaging (rule c.9; Meraki): prices stay, and all lines end together after the average of what each has left, weighted by
 * its value. The result is cut to whole days (851.67 are 851; G-52). `unit` says what `left` counts; a part of a
 * month is taken of the month that it falls into.
 */
export function averageTerms(
  lines: readonly AveragedLine[],
  on: LocalDate,
  unit: 'days' | 'months',
): AveragedTerm {
  const total = lines.reduce((sum, { value }) => add(sum, value), ZERO);
  const weighted = lines.reduce((sum, { value, left }) => add(sum, multiply(value, left)), ZERO);
  const exact = divide(weighted, total);
  const units = Number(exact.num / exact.den);
  const rest = subtract(exact, whole(units));
  if (unit === 'days') return { exact, to: addDays(on, units), cut: rest };
  const from = addMonths(on, units);
  const length = daysInMonth(Number(from.slice(0, 4)), Number(from.slice(5, 7)));
  const days = Number((rest.num * BigInt(length)) / rest.den);
  return {
    exact,
    to: addDays(from, days),
    cut: subtract(rest, rational(BigInt(days), BigInt(length))),
  };
}

/** A held line ended on `on` and begun anew at a blended price. */
export interface BlendedLine {
  /** What is credited of the old term, as a positive amount. */
  readonly credit: Rational;
  /** What the whole new term costs: the credit and the extension at its own price. */
  readonly charge: Rational;
  /** One price for the whole new term, per `priceMonths` months of the whole line. */
  readonly value: Rational;
  readonly remainder: Term;
  readonly extension: Term;
}

/**
 * Blend-and-extend: the rest of the old term at the old price and the extension at the new one become one term at one price between
 * them, so that the customer pays what the two would have cost. `newValue` is what `priceMonths` months of the extension cost.
 * The line must end after `on` and before `to`.
 */
export function blendLine(
  line: CotermLine & { readonly to: LocalDate },
  newValue: Rational,
  terms: { readonly on: LocalDate; readonly to: LocalDate; readonly rule: ProrationRule },
): BlendedLine {
  const { on, to, rule } = terms;
  const remainder = { from: on < line.from ? line.from : on, to: line.to };
  const extension = { from: line.to, to };
  const credit = chargeFor(line, remainder, rule).amount;
  const added = chargeFor({ ...line, value: newValue }, extension, rule).amount;
  const charge = add(credit, added);
  const term = prorate({ from: remainder.from, to }, rule, line.priceMonths).factor;
  return { credit, charge, value: divide(charge, term), remainder, extension };
}

/** The days from `on` until a line ends; of a new line the days of its own term. */
export function daysLeft(line: CotermLine & { readonly to: LocalDate }, on: LocalDate): number {
  return daysBetween(line.state === 'new' ? line.from : on, line.to);
}
