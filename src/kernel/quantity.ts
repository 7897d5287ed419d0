import { ValidationError } from './errors.ts';
import { parseDecimal } from './rational.ts';

/** A count of licensable units as a plain decimal string, at most six places (`numeric(20,6)`). */
export type Quantity = string;

const SCALE = 6;
/** Quantities are reckoned in millionths, their smallest part, as whole numbers. */
const UNIT = 1_000_000n;
/** Most quantities are small whole numbers: they are read without a look at decimals. */
const SMALL = /^\d{1,9}$/;
/** Beyond this a sum of small numbers might no longer be exact as a number. */
const MOST_WHOLE = 1e15;

function millionths(quantity: Quantity): bigint {
  if (SMALL.test(quantity)) return BigInt(quantity) * UNIT;
  const { num, den } = parseDecimal(quantity);
  const units = num * UNIT;
  if (units % den !== 0n) {
    throw new ValidationError(`The quantity ${quantity} has more than ${SCALE} decimal places.`);
  }
  return units / den;
}

function textOf(units: bigint): Quantity {
  const negative = units < 0n;
  const size = negative ? -units : units;
  const whole = size / UNIT;
  const part = size - whole * UNIT;
  const text = part === 0n ? `${whole}` : `${whole}.${`${part}`.padStart(SCALE, '0').replace(/0+$/, '')}`; // prettier-ignore
  return negative ? `-${text}` : text;
}

/** The one canonical spelling of a quantity: no trailing zeros, no leading zeros. */
export function quantity(text: string): Quantity {
  return textOf(millionths(text));
}

export function addQuantity(left: Quantity, right: Quantity): Quantity {
  return textOf(millionths(left) + millionths(right));
}

export function subtractQuantity(left: Quantity, right: Quantity): Quantity {
  return textOf(millionths(left) - millionths(right));
}

/** A quantity of packs as rights: `factor` rights a pack. */
export function scaleQuantity(text: Quantity, factor: number): Quantity {
  return textOf(millionths(text) * BigInt(factor));
}

/** The sum of any number of quantities; "0" of none. */
export function sumQuantities(quantities: Iterable<Quantity>): Quantity {
  let whole = 0;
  let others = 0n;
  for (const each of quantities) {
    if (SMALL.test(each) && whole < MOST_WHOLE) whole += Number(each);
    else others += millionths(each);
  }
  return textOf(BigInt(whole) * UNIT + others);
}

/** Negative, zero or positive as `left` is smaller than, equal to or larger than `right`. */
export function compareQuantity(left: Quantity, right: Quantity): number {
  const difference = millionths(left) - millionths(right);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export function minQuantity(left: Quantity, right: Quantity): Quantity {
  return compareQuantity(left, right) <= 0 ? quantity(left) : quantity(right);
}

/** `left − right`, never below zero: the form of surplus and shortfall. */
export function excess(left: Quantity, right: Quantity): Quantity {
  return compareQuantity(left, right) > 0 ? subtractQuantity(left, right) : '0';
}

/** `left / size` rounded up to whole ones: how many packs of `size` rights cover a need. */
export function ceilQuantity(left: Quantity, size: number): Quantity {
  const units = millionths(left);
  const pack = BigInt(size) * UNIT;
  const whole = units / pack;
  return `${units > 0n && whole * pack !== units ? whole + 1n : whole}`;
}
