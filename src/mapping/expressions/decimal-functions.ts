import { ValidationError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/hash.ts';
import { exponentOf } from '../../kernel/money.ts';
import {
  add,
  compare,
  divide,
  multiply,
  parseDecimal,
  rational,
  subtract,
  toFixed,
  toPlain,
  type Rational,
} from '../../kernel/rational.ts';
import { readDecimal } from '../../sdk/read-value.ts';

/** Decimal places that exact results keep: more than any canonical figure has. */
const SCALE = 20;
const MAX_PLACES = 20;

/** A figure of an expression as an exact fraction: decimal text, JSON number or CEL int. */
export function exact(value: Json | bigint): Rational {
  return typeof value === 'bigint' ? rational(value) : parseDecimal(readDecimal(value));
}

/** Exact `+ − ×` on decimal text; the result is the shortest plain decimal. */
export function calculate(
  operation: 'add' | 'subtract' | 'multiply',
  left: Json | bigint,
  right: Json | bigint,
): string {
  const operate = { add, subtract, multiply }[operation];
  return toPlain(operate(exact(left), exact(right)), SCALE);
}

/** A quotient rounded half-up to the given places. */
export function quotient(left: Json | bigint, right: Json | bigint, places: number): string {
  return toFixed(divide(exact(left), exact(right)), checkedPlaces(places));
}

export function total(values: readonly (Json | bigint)[]): string {
  let sum = rational(0n);
  for (const value of values) if (value !== null) sum = add(sum, exact(value));
  return toPlain(sum, SCALE);
}

/** The figure at its currency's exponent, rounded half-up. */
export function amountIn(value: Json | bigint, currency: string): string {
  return toFixed(exact(value), placesOf(currency));
}

/** The kernel's own message would repeat the code, which is a value of the record. */
function placesOf(currency: string): number {
  try {
    return exponentOf(currency);
  } catch (error) {
    throw new ValidationError('money() needs an ISO 4217 currency code such as EUR.', {
      cause: error,
    });
  }
}

/** The mean of what is there, exact to 20 places; null of an empty list. */
export function average(values: readonly (Json | bigint)[]): string | null {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  return toPlain(divide(exact(total(known)), rational(BigInt(known.length))), SCALE);
}

/** The smallest (sign −1) or largest (sign 1) value: by size if all are figures, by text order otherwise. */
export function extreme(values: readonly (Json | bigint)[], sign: -1 | 1): Json {
  const known = values.filter((value) => value !== null);
  const [firstValue, ...others] = known;
  if (firstValue === undefined) return null;
  const figures = known.every(isFigure);
  const order = (left: Json | bigint, right: Json | bigint): number =>
    figures ? compare(exact(left), exact(right)) : textOrder(left, right);
  const best = others.reduce(
    (kept, each) => (order(each, kept) * sign > 0 ? each : kept),
    firstValue,
  );
  return figures ? toPlain(exact(best), SCALE) : (best as Json);
}

function isFigure(value: Json | bigint): boolean {
  if (typeof value === 'bigint' || typeof value === 'number') return true;
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value);
}

function textOrder(left: Json | bigint, right: Json | bigint): number {
  if (typeof left !== 'string' || typeof right !== 'string') {
    throw new ValidationError('min and max compare figures with figures and texts with texts.');
  }
  return left < right ? -1 : left > right ? 1 : 0;
}

const MODES = new Set(['half_even', 'up', 'down']);

/** Rounds to the given decimal places; half-up means away from zero (design rule b.1). */
export function rounded(value: Json | bigint, places: number, mode: string): string {
  const figure = exact(value);
  const scale = checkedPlaces(places);
  if (mode === 'half_up') return toFixed(figure, scale);
  if (!MODES.has(mode))
    throw new ValidationError('The rounding mode is half_up, half_even, up or down.');
  const unit = 10n ** BigInt(scale);
  const scaled = figure.num * unit;
  const down = scaled / figure.den;
  const rest = scaled - down * figure.den;
  const away = down + (scaled < 0n ? -1n : 1n);
  return toFixed(rational(roundWhole(mode, { down, away, rest, den: figure.den }), unit), scale);
}

interface Choice {
  readonly down: bigint;
  readonly away: bigint;
  readonly rest: bigint;
  readonly den: bigint;
}

function roundWhole(mode: string, { down, away, rest, den }: Choice): bigint {
  if (rest === 0n || mode === 'down') return down;
  if (mode === 'up') return away;
  const twice = 2n * (rest < 0n ? -rest : rest);
  if (twice === den) return down % 2n === 0n ? down : away;
  return twice > den ? away : down;
}

function checkedPlaces(places: number): number {
  if (Number.isInteger(places) && places >= 0 && places <= MAX_PLACES) return places;
  throw new ValidationError(`Decimal places are a whole number from 0 to ${MAX_PLACES}.`);
}
