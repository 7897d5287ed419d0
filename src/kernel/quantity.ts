import { ValidationError } from './errors.ts';
import {
  add,
  compare,
  divide,
  multiply,
  parseDecimal,
  rational,
  subtract,
  toPlain,
  type Rational,
} from './rational.ts';

/** A count of licensable units as a plain decimal string, at most six places (`numeric(20,6)`). */
export type Quantity = string;

const SCALE = 6;

function exact(quantity: Quantity): Rational {
  const value = parseDecimal(quantity);
  const unit = 10n ** BigInt(SCALE);
  if ((value.num * unit) % value.den !== 0n) {
    throw new ValidationError(`The quantity ${quantity} has more than ${SCALE} decimal places.`);
  }
  return value;
}

/** The one canonical spelling of a quantity: no trailing zeros, no leading zeros. */
export function quantity(text: string): Quantity {
  return toPlain(exact(text), SCALE);
}

export function addQuantity(left: Quantity, right: Quantity): Quantity {
  return toPlain(add(exact(left), exact(right)), SCALE);
}

export function subtractQuantity(left: Quantity, right: Quantity): Quantity {
  return toPlain(subtract(exact(left), exact(right)), SCALE);
}

/** A quantity of packs as rights: `factor` rights a pack. */
export function scaleQuantity(text: Quantity, factor: number): Quantity {
  return toPlain(multiply(exact(text), { num: BigInt(factor), den: 1n }), SCALE);
}

/** The sum of any number of quantities; "0" of none. */
export function sumQuantities(quantities: Iterable<Quantity>): Quantity {
  let total: Rational = { num: 0n, den: 1n };
  for (const each of quantities) total = add(total, exact(each));
  return toPlain(total, SCALE);
}

/** Negative, zero or positive as `left` is smaller than, equal to or larger than `right`. */
export function compareQuantity(left: Quantity, right: Quantity): number {
  return compare(exact(left), exact(right));
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
  const packs = divide(exact(left), rational(BigInt(size)));
  const whole = packs.num / packs.den;
  const up = packs.num > 0n && whole * packs.den !== packs.num;
  return (up ? whole + 1n : whole).toString();
}
