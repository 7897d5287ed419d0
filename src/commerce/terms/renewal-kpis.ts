import { daysBetween, type LocalDate } from '../../kernel/dates.ts';
import { add, compare, divide, rational, subtract, type Rational } from '../../kernel/rational.ts';

/** A term that ends in the period, and what became of it. */
export interface CohortTerm {
  readonly endInclusive: LocalDate;
  readonly outcome: 'won' | 'lost' | 'open';
  /** Yearly value that expires, and that was renewed (zero unless it was won). */
  readonly expiring: Rational;
  readonly renewed: Rational;
  /** When it was won or lost. */
  readonly closedOn: LocalDate | null;
  readonly opportunityCreatedOn: LocalDate | null;
}

/** Shares of one; null where nothing could be divided by. */
export interface CohortKpis {
  readonly grossRenewalRate: Rational | null;
  readonly netRenewalRate: Rational | null;
  readonly renewalWinRate: Rational | null;
  readonly onTimeRenewalRate: Rational | null;
  readonly open: number;
  /** Days from the renewal's opportunity to its close, of what was won. */
  readonly timeToRenew: { readonly median: Rational | null; readonly mean: Rational | null };
  /** Of what was closed after its end, how many days after. */
  readonly daysLate: readonly number[];
}

const ZERO = rational(0n);
const whole = (value: number): Rational => rational(BigInt(value));
const ratio = (left: Rational, right: Rational): Rational | null =>
  right.num === 0n ? null : divide(left, right);
const sumOf = (values: readonly Rational[]): Rational => values.reduce(add, ZERO);
const lesser = (left: Rational, right: Rational): Rational => compare(left, right) < 0 ? left : right; // prettier-ignore

function medianOf(days: readonly number[]): Rational | null {
  const ordered = days.toSorted((left, right) => left - right);
  const [low, high] = [ordered[Math.floor((ordered.length - 1) / 2)], ordered[Math.floor(ordered.length / 2)]]; // prettier-ignore
  return low === undefined || high === undefined ? null : rational(BigInt(low + high), 2n);
}

/**
 * Renewal rates of the terms that end in a period (rule c.10; G-67). Gross counts of each term at most what expired, net all of it;
 * win is by number, of what was won or lost, and leaves open ones out; on time means won on the last day or before, of all.
 */
export function cohortKpis(terms: readonly CohortTerm[]): CohortKpis {
  const won = terms.filter(({ outcome }) => outcome === 'won');
  const lost = terms.filter(({ outcome }) => outcome === 'lost');
  const expiring = sumOf(terms.map((each) => each.expiring));
  const onTime = won.filter(({ closedOn, endInclusive }) => closedOn !== null && closedOn <= endInclusive); // prettier-ignore
  const ages = won.flatMap(({ opportunityCreatedOn, closedOn }) =>
    opportunityCreatedOn === null || closedOn === null
      ? []
      : [daysBetween(opportunityCreatedOn, closedOn)],
  );
  return {
    grossRenewalRate: ratio(sumOf(won.map((each) => lesser(each.renewed, each.expiring))), expiring), // prettier-ignore
    netRenewalRate: ratio(sumOf(won.map(({ renewed }) => renewed)), expiring),
    renewalWinRate: ratio(whole(won.length), whole(won.length + lost.length)),
    onTimeRenewalRate: ratio(whole(onTime.length), whole(terms.length)),
    open: terms.length - won.length - lost.length,
    timeToRenew: {
      median: medianOf(ages),
      mean: ratio(sumOf(ages.map(whole)), whole(ages.length)),
    },
    daysLate: terms.flatMap(({ closedOn, endInclusive }) =>
      closedOn !== null && closedOn > endInclusive ? [daysBetween(endInclusive, closedOn)] : [],
    ),
  };
}

/** Recurring value at the beginning of a period, and how it moved. */
export interface RecurringValue {
  readonly opening: Rational;
  readonly expansion: Rational;
  readonly contraction: Rational;
  readonly churn: Rational;
}

/** Gross and net retention of all opening value (rule c.10; G-68); gross is at most one. */
export function retentionKpis({ opening, expansion, contraction, churn }: RecurringValue): {
  readonly grr: Rational | null;
  readonly nrr: Rational | null;
} {
  const kept = subtract(subtract(opening, contraction), churn);
  const grr = ratio(kept, opening);
  return {
    grr: grr === null ? null : lesser(grr, whole(1)),
    nrr: ratio(add(kept, expansion), opening),
  };
}

export interface ForecastPoint {
  readonly actual: Rational;
  readonly forecast: Rational;
}

/** How good forecasts were. `accuracy` is one less WAPE. */
export interface ForecastKpis {
  readonly mape: Rational | null;
  readonly wape: Rational | null;
  readonly accuracy: Rational | null;
  readonly bias: Rational | null;
  readonly zeroActuals: number;
}

const size = (value: Rational): Rational => (value.num < 0n ? subtract(ZERO, value) : value);

/** MAPE, WAPE and bias (rule c.10; G-69, G-70). MAPE is null where an actual is zero, for it divides by each of them. */
export function forecastKpis(points: readonly ForecastPoint[]): ForecastKpis {
  const errors = points.map(({ actual, forecast }) => subtract(forecast, actual));
  const actuals = sumOf(points.map(({ actual }) => size(actual)));
  const zeroActuals = points.filter(({ actual }) => actual.num === 0n).length;
  const shares = zeroActuals > 0 ? [] : points.map(({ actual }, at) => divide(size(errors[at] ?? ZERO), size(actual))); // prettier-ignore
  const wape = ratio(sumOf(errors.map(size)), actuals);
  return {
    mape: ratio(sumOf(shares), whole(shares.length)),
    wape,
    accuracy: wape === null ? null : subtract(whole(1), wape),
    bias: ratio(sumOf(errors), sumOf(points.map(({ actual }) => actual))),
    zeroActuals,
  };
}
