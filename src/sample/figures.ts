import { ValidationError } from '../kernel/errors.ts';
import { addMoney, exponentOf, lineAmount, money, type Money } from '../kernel/money.ts';
import { divide, multiply, parseDecimal, toFixed } from '../kernel/rational.ts';

/** The currencies that Meridian sells in. */
export type SalesCurrency = 'USD' | 'EUR' | 'JPY';

/**
 * The JSON number that a vendor's REST answer carries for an exact decimal. The only place where a figure of the
 * sample company stops being text; a figure that a double cannot carry is refused.
 */
export function vendorNumber(decimal: string): number {
  const digits = decimal.replace(/[-.]/g, '').replace(/^0+/, '');
  if (digits.length > 15) {
    throw new ValidationError(`${decimal} has more digits than a JSON number carries exactly.`);
  }
  return Number(decimal);
}

/** The price of one unit for a term: list price a year × months ÷ 12, less the discount, at the currency's exponent. */
export function termPrice(
  annualList: string,
  months: number,
  discountPercent: number,
  currency: SalesCurrency,
): string {
  const year = parseDecimal(annualList);
  const share = divide(parseDecimal(String(months)), parseDecimal('12'));
  const kept = divide(parseDecimal(String(100 - discountPercent)), parseDecimal('100'));
  return toFixed(multiply(multiply(year, share), kept), exponentOf(currency));
}

/** The price raised (or cut, when negative) by a percentage, at the currency's exponent. */
export function changedPrice(unitPrice: string, percent: number, currency: SalesCurrency): string {
  const factor = divide(parseDecimal(String(100 + percent)), parseDecimal('100'));
  return toFixed(multiply(parseDecimal(unitPrice), factor), exponentOf(currency));
}

/** The sum of quantity × unit price, each rounded at line level. */
export function totalOf(
  lines: readonly { readonly quantity: string; readonly unitPrice: string }[],
  currency: SalesCurrency,
): Money {
  return lines.reduce(
    (sum, line) => addMoney(sum, lineAmount(line.quantity, line.unitPrice, currency)),
    money('0', currency),
  );
}
