import { addMonths, contains, noticeDeadline, type LocalDate } from '../../kernel/dates.ts';
import {
  add,
  compare,
  divide,
  multiply,
  rational,
  toPlain,
  type Rational,
} from '../../kernel/rational.ts';
import { commonDays, monthsAndDays, type Term } from './months.ts';
import { prorate, type ProrationRule } from './prorate.ts';

/** A term with its renewals; each renewed term is `months` long. */
export interface RenewalPlan {
  readonly term: Term;
  readonly months: number;
  readonly noticeDays: number;
}

export interface RenewedTerm extends Term {
  /** The last day on which notice is in time for the end of this term. */
  readonly noticeDeadline: LocalDate;
}

/**
 * The term after `number` renewals; 0 is the first one. Days are counted from the first day of all as the anchor: a term from
 * 29 February renews on the 28th, and on the 29th in a leap year (G-53, G-54). Where the first term is no whole number of months,
 * its end is the anchor.
 */
export function termAfter({ term, months, noticeDays }: RenewalPlan, number: number): RenewedTerm {
  const { months: length, days } = monthsAndDays(term);
  const [anchor, before] = days === 0 ? [term.from, length] : [term.to, 0];
  const border = (at: number): LocalDate => addMonths(anchor, before + at * months);
  const { from, to } = number === 0 ? term : { from: border(number - 1), to: border(number) };
  return { from, to, noticeDeadline: noticeDeadline(to, noticeDays) };
}

/** A stretch of a term with its own quantity and price: a ramp has several, which follow each other. */
export interface Segment extends Term {
  readonly sku: string;
  readonly quantity: Rational;
  readonly unitPrice: Rational;
  readonly priceMonths: number;
}

/** What was bought in the middle of the term and ends with it. */
export interface AddOn {
  readonly sku: string;
  readonly from: LocalDate;
  readonly quantity: Rational;
  readonly unitPrice: Rational;
  readonly priceMonths: number;
}

/** Which part of a ramp a renewal starts from (domain f.17). */
export type BaseRule = 'last_segment' | 'first_segment' | 'average';

/** What is renewed of one part number at one price. */
export interface BaseLine {
  readonly sku: string;
  readonly quantity: Rational;
  readonly unitPrice: Rational;
  readonly priceMonths: number;
}

type Priced = Omit<BaseLine, 'sku'>;

function averageOf(segments: readonly Segment[]): Priced | null {
  const lengths = segments.map(({ from, to }) => prorate({ from, to }, { method: 'day' }, 12).factor); // prettier-ignore
  const length = lengths.reduce(add, rational(0n));
  const zero = rational(0n);
  const units = segments.reduce((sum, each, at) => add(sum, multiply(each.quantity, lengths[at] ?? zero)), zero); // prettier-ignore
  const money = segments.reduce((sum, { quantity, unitPrice, priceMonths }, at) => {
    const yearly = divide(multiply(unitPrice, rational(12n)), rational(BigInt(priceMonths)));
    return add(sum, multiply(multiply(quantity, yearly), lengths[at] ?? zero));
  }, zero);
  if (units.num === 0n) return null;
  return { quantity: divide(units, length), unitPrice: divide(money, units), priceMonths: 12 };
}

function rampBase(segments: readonly Segment[], rule: BaseRule): Priced | null {
  const ordered = segments.toSorted((left, right) => (left.from < right.from ? -1 : 1));
  if (rule === 'average') return averageOf(ordered);
  return ordered.at(rule === 'last_segment' ? -1 : 0) ?? null;
}

const orderOf = (left: BaseLine, right: BaseLine): number => {
  if (left.sku !== right.sku) return left.sku < right.sku ? -1 : 1;
  return compare(left.unitPrice, right.unitPrice) || left.priceMonths - right.priceMonths;
};

/**
 * What a renewal starts from: of each part number the segment that the rule names, and every add-on at its full price, not at what
 * was left of the term when it was bought (domain f.17; G-56). Lines of one price are one. The order in which segments and
 * add-ons stand changes nothing.
 */
export function renewalBase(
  segments: readonly Segment[],
  addOns: readonly AddOn[],
  rule: BaseRule,
): readonly BaseLine[] {
  const ramps = [...Map.groupBy(segments, ({ sku }) => sku)].flatMap(([sku, own]) => {
    const base = rampBase(own, rule);
    return base === null ? [] : [{ ...base, sku }];
  });
  const groups = Map.groupBy([...ramps, ...addOns], ({ sku, unitPrice, priceMonths }) =>
    JSON.stringify([sku, `${unitPrice.num}/${unitPrice.den}`, priceMonths]),
  );
  return [...groups.values()]
    .flatMap(([first, ...others]) => {
      if (first === undefined) return [];
      const { sku, unitPrice, priceMonths } = first;
      const quantity = others.reduce((sum, each) => add(sum, each.quantity), first.quantity);
      return [{ sku, quantity, unitPrice, priceMonths }];
    })
    .toSorted(orderOf);
}

/** What base lines cost for so many months, exactly. */
export function baseAmount(lines: readonly BaseLine[], months: number): Rational {
  return lines.reduce(
    (sum, { quantity, unitPrice, priceMonths }) =>
      add(sum, multiply(multiply(quantity, unitPrice), rational(BigInt(months), BigInt(priceMonths)))), // prettier-ignore
    rational(0n),
  );
}

/** The quantity in force on a day: one segment of each ramp, never their sum, and the add-ons that have begun. */
export function ownedOn(
  segments: readonly Segment[],
  addOns: readonly AddOn[],
  term: Term,
  day: LocalDate,
): Rational {
  const inForce = [
    ...segments.filter((each) => contains(each, day)),
    ...addOns.filter(({ from }) => contains({ from, to: term.to }, day)),
  ];
  return inForce.reduce((sum, { quantity }) => add(sum, quantity), rational(0n));
}

/** One charge of a term: a segment or an add-on for its days. */
export interface TermCharge {
  readonly amount: Rational;
  readonly words: string;
}

/** What the whole term costs, segment by segment and add-on by add-on. */
export function termCharges(
  segments: readonly Segment[],
  addOns: readonly AddOn[],
  term: Term,
  rule: ProrationRule,
): readonly TermCharge[] {
  const parts = [...segments, ...addOns.map((each) => ({ ...each, to: term.to }))];
  return parts.flatMap(({ sku, from, to, quantity, unitPrice, priceMonths }) => {
    const within = commonDays({ from, to }, term);
    if (within === null) return [];
    const { factor, words } = prorate(within, rule, priceMonths);
    const amount = multiply(multiply(quantity, unitPrice), factor);
    const price = `${toPlain(quantity, 6)} × ${toPlain(unitPrice, 10)}`;
    return [{ amount, words: `${sku} from ${within.from}: ${price} for ${words}` }];
  });
}
