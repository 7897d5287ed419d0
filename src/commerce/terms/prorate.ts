import { daysBetween, type LocalDate } from '../../kernel/dates.ts';
import { add, divide, multiply, rational, type Rational } from '../../kernel/rational.ts';
import { cutAtGrid, monthsAndDays, type GridPiece, type Term } from './months.ts';

/** The ways in which contracts and vendors cut a price to a part of its term. */
export const PRORATION_METHODS = [
  'day',
  'day_leap',
  'month_up',
  'month_plus_day',
  'calendar_period',
  'actual_month',
  'actual_360',
  'strict_30_360',
] as const;
export type ProrationMethod = (typeof PRORATION_METHODS)[number];

/**
 * The methods by which a term and its complement give the whole, whatever the day between them. The others round a month up,
 * or give a month of 31 days 31 thirtieths: cut in two, they charge more or less than in one piece.
 */
export const ADDITIVE_METHODS: ReadonlySet<ProrationMethod> = new Set([
  'day',
  'day_leap',
  'calendar_period',
  'actual_month',
  'strict_30_360',
]);

export interface ProrationRule {
  readonly method: ProrationMethod;
  /** A day on which a billing period or a contract year begins; each method says what it takes without one. */
  readonly anchor?: LocalDate | undefined;
  /** Months of a billing period, for `calendar_period`. */
  readonly periodMonths?: number | undefined;
  /** Whether `calendar_period` charges a part of a period as a part; true unless it says otherwise. */
  readonly partialPeriodsAllowed?: boolean | undefined;
}

/** How often the stated price is due for a term, exactly, and how that was counted. */
export interface Proration {
  readonly factor: Rational;
  readonly words: string;
}

type Method = (term: Term, rule: ProrationRule) => Months;
/** A length in months, and how it was counted. */
interface Months {
  readonly months: Rational;
  readonly words: string;
}

const whole = (value: number): Rational => rational(BigInt(value));
const part = (left: number, right: number): Rational => rational(BigInt(left), BigInt(right));

function sumOf(values: readonly Rational[]): Rational {
  return values.reduce(add, rational(0n));
}

/** "8/31 + 10": whole periods are counted, parts shown as days of days. */
function wordsOf(pieces: readonly GridPiece[], shown = (piece: GridPiece) => piece.of): string {
  const parts = pieces.filter(({ days, of }) => days < of);
  const full = pieces.length - parts.length;
  const texts = parts.map((piece) => `${piece.days}/${shown(piece)}`);
  return [...texts, ...(full > 0 ? [String(full)] : [])].join(' + ');
}

/** Days of a calendar in which each month has 30: the 31st counts as the 30th. */
function day360(date: LocalDate): number {
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number);
  return year * 360 + (month - 1) * 30 + Math.min(day, 30) - 1;
}

const METHODS: Readonly<Record<ProrationMethod, Method>> = {
  // 365 days a year, leap day or not (CPQ "Day": 830 days are 830/365).
  day(term) {
    const days = daysBetween(term.from, term.to);
    return { months: part(days * 12, 365), words: `${days}/365 of a year` };
  },
  // Each contract year by its own length, 365 or 366; years begin at the anchor, else on the term's first day.
  day_leap(term, { anchor = term.from }) {
    const years = cutAtGrid(term, anchor, 12);
    const months = sumOf(years.map(({ days, of }) => part(days * 12, of)));
    return { months, words: `${wordsOf(years)} of a year` };
  },
  // CPQ "Month": a begun month counts (12.1 months are 13).
  month_up(term) {
    const { months, days } = monthsAndDays(term);
    const up = days > 0 ? months + 1 : months;
    const rounded = days > 0 ? ` (${months} and ${days} days, rounded up)` : '';
    return { months: whole(up), words: `${up} months${rounded}` };
  },
  // CPQ "Monthly + Daily": whole months, and 12/365 of a month for each day over.
  month_plus_day(term) {
    const { months, days } = monthsAndDays(term);
    const over = days > 0 ? ` and ${days} × 12/365 of one` : '';
    return { months: add(whole(months), part(days * 12, 365)), words: `${months} months${over}` };
  },
  // Salesforce: each billing period by its own days; where parts are not allowed a begun one counts whole.
  calendar_period(term, { anchor = term.from, periodMonths = 1, partialPeriodsAllowed = true }) {
    const pieces = cutAtGrid(term, anchor, periodMonths);
    const periods = partialPeriodsAllowed
      ? sumOf(pieces.map(({ days, of }) => part(days, of)))
      : whole(pieces.length);
    const words = partialPeriodsAllowed ? wordsOf(pieces) : `${pieces.length} begun`;
    return { months: multiply(periods, whole(periodMonths)), words: `${words} periods` };
  },
  // Zuora "Use actual number of days": of the days of the month; months begin at the anchor, else on the first.
  actual_month(term, { anchor = `${term.from.slice(0, 7)}-01` }) {
    const pieces = cutAtGrid(term, anchor, 1);
    const months = sumOf(pieces.map(({ days, of }) => part(days, of)));
    return { months, words: `${wordsOf(pieces)} of a month` };
  },
  // Zuora "Actual / 360": days by 30. With an anchor whole billing months count as one, and the rest by 30.
  actual_360(term, { anchor }) {
    if (anchor === undefined) {
      const days = daysBetween(term.from, term.to);
      return { months: part(days, 30), words: `${days}/30 of a month` };
    }
    const pieces = cutAtGrid(term, anchor, 1);
    const months = sumOf(pieces.map(({ days, of }) => (days === of ? whole(1) : part(days, 30))));
    return { months, words: `${wordsOf(pieces, () => 30)} of a month` };
  },
  // Zuora "Strict 30 / 360": each month has 30 days, whichever it is.
  strict_30_360(term) {
    const days = day360(term.to) - day360(term.from);
    return { months: part(days, 30), words: `${days}/30 of a month` };
  },
};

/**
 * How often a price stated for `priceMonths` months is due for a term (rule c.9; G-45 to G-51). The figure is exact: whoever
 * charges it rounds once, at the line.
 */
export function prorate(term: Term, rule: ProrationRule, priceMonths: number): Proration {
  const { months, words } = METHODS[rule.method](term, rule);
  return { factor: divide(months, whole(priceMonths)), words };
}
