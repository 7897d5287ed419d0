import { ValidationError } from './errors.ts';

/** An exact fraction; `den` is positive and the fraction is in lowest terms. */
export interface Rational {
  readonly num: bigint;
  readonly den: bigint;
}

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

function gcd(a: bigint, b: bigint): bigint {
  return b === 0n ? (a < 0n ? -a : a) : gcd(b, a % b);
}

/** The fraction `num / den`. Throws on a zero denominator. */
export function rational(num: bigint, den = 1n): Rational {
  if (den === 0n) throw new ValidationError('A figure was divided by zero.');
  const sign = den < 0n ? -1n : 1n;
  const divisor = gcd(num, den) || 1n;
  return { num: (sign * num) / divisor, den: (sign * den) / divisor };
}

/** Reads a plain decimal ("-12.50"). No exponent, no spaces, no thousands separator: those raise. */
export function parseDecimal(text: string): Rational {
  const match = DECIMAL.exec(text);
  if (match === null)
    throw new ValidationError(`"${text}" is not a decimal number such as 1200.50.`);
  const [, sign, whole, fraction = ''] = match;
  const num = BigInt(`${whole}${fraction}`);
  return rational(sign === '-' ? -num : num, 10n ** BigInt(fraction.length));
}

export function add(a: Rational, b: Rational): Rational {
  return rational(a.num * b.den + b.num * a.den, a.den * b.den);
}

export function subtract(a: Rational, b: Rational): Rational {
  return rational(a.num * b.den - b.num * a.den, a.den * b.den);
}

export function multiply(a: Rational, b: Rational): Rational {
  return rational(a.num * b.num, a.den * b.den);
}

export function divide(a: Rational, b: Rational): Rational {
  return rational(a.num * b.den, a.den * b.num);
}

/** Negative, zero or positive as `a` is smaller than, equal to or larger than `b`. */
export function compare(a: Rational, b: Rational): number {
  const difference = a.num * b.den - b.num * a.den;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The smallest whole number that is not below the value. */
export function ceil({ num, den }: Rational): bigint {
  const whole = num / den;
  return num > 0n && whole * den !== num ? whole + 1n : whole;
}

/** Reads a decimal ("0.5") or a fraction ("1/3"). Anything else raises. */
export function parseFraction(text: string): Rational {
  const [num = '', den] = text.split('/');
  return den === undefined ? parseDecimal(num) : divide(parseDecimal(num), parseDecimal(den));
}

/** The decimal with exactly `scale` places, rounded half-up away from zero (design rule b.1). */
export function toFixed(value: Rational, scale: number): string {
  const unit = 10n ** BigInt(scale);
  const negative = value.num < 0n;
  const scaled = (negative ? -value.num : value.num) * unit;
  const rounded = (2n * scaled + value.den) / (2n * value.den);
  const digits = rounded.toString().padStart(scale + 1, '0');
  const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  return negative && rounded !== 0n ? `-${text}` : text;
}

/** The shortest decimal with at most `maxScale` places: `toPlain(5/2, 6)` is "2.5", `toPlain(4/1, 6)` is "4". */
export function toPlain(value: Rational, maxScale: number): string {
  const text = toFixed(value, maxScale);
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
