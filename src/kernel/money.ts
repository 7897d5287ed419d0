import { ValidationError } from './errors.ts';
import * as rationals from './rational.ts';
import type { Rational } from './rational.ts';

/** An amount at its currency's exponent, as a decimal string: `{ amount: "1200.00", currency: "EUR" }`. */
export interface Money {
  readonly amount: string;
  readonly currency: string;
}

/** ISO 4217 exponents that are not 2. */
const EXPONENTS: Readonly<Record<string, number>> = {
  BIF: 0, CLP: 0, DJF: 0, GNF: 0, ISK: 0, JPY: 0, KMF: 0, KRW: 0, PYG: 0, RWF: 0, UGX: 0, UYI: 0, VND: 0, VUV: 0,
  XAF: 0, XOF: 0, XPF: 0, BHD: 3, IQD: 3, JOD: 3, KWD: 3, LYD: 3, OMR: 3, TND: 3, CLF: 4, UYW: 4,
}; // prettier-ignore

// The runtime's list leaves out ISO's fund codes (CLF, UYW), which invoices do carry.
const KNOWN = new Set([...Intl.supportedValuesOf('currency'), ...Object.keys(EXPONENTS)]);

/** Decimal places of a currency (JPY 0, EUR 2, KWD 3). Throws on a code that ISO 4217 does not know. */
export function exponentOf(currency: string): number {
  if (!KNOWN.has(currency)) {
    throw new ValidationError(`"${currency}" is not an ISO 4217 currency code such as USD.`);
  }
  return EXPONENTS[currency] ?? 2;
}

/** Money from an exact figure: rounded once, half-up away from zero, at the currency's exponent (rule b.1). */
export function moneyOf(value: Rational, currency: string): Money {
  return { amount: rationals.toFixed(value, exponentOf(currency)), currency };
}

/** Money from a decimal string of any scale. */
export function money(amount: string, currency: string): Money {
  return moneyOf(rationals.parseDecimal(amount), currency);
}

function sameCurrency(left: Money, right: Money): void {
  if (left.currency !== right.currency) {
    throw new ValidationError(
      `${left.currency} and ${right.currency} cannot be combined without an exchange rate.`,
    );
  }
}

export function addMoney(left: Money, right: Money): Money {
  sameCurrency(left, right);
  return moneyOf(
    rationals.add(rationals.parseDecimal(left.amount), rationals.parseDecimal(right.amount)),
    left.currency,
  );
}

export function subtractMoney(left: Money, right: Money): Money {
  sameCurrency(left, right);
  return moneyOf(
    rationals.subtract(rationals.parseDecimal(left.amount), rationals.parseDecimal(right.amount)),
    left.currency,
  );
}

/** Quantity × unit price (up to 10 decimals), rounded once at line level, never per unit (G-51). */
export function lineAmount(quantity: string, unitPrice: string, currency: string): Money {
  return moneyOf(
    rationals.multiply(rationals.parseDecimal(quantity), rationals.parseDecimal(unitPrice)),
    currency,
  );
}

/** True if the two amounts differ by more than one minor unit: the tolerance of the three-way match (domain e). */
export function differsByMoreThanOneMinorUnit(left: Money, right: Money): boolean {
  sameCurrency(left, right);
  const difference = rationals.parseDecimal(subtractMoney(left, right).amount);
  const unit = rationals.rational(1n, 10n ** BigInt(exponentOf(left.currency)));
  const magnitude =
    difference.num < 0n ? rationals.rational(-difference.num, difference.den) : difference;
  return rationals.compare(magnitude, unit) > 0;
}
