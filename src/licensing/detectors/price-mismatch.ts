import {
  differsByMoreThanOneMinorUnit,
  lineAmount,
  subtractMoney,
  type Money,
} from '../../kernel/money.ts';
import { compareQuantity, minQuantity } from '../../kernel/quantity.ts';
import { compareDeals, dealFinding, orderNumbers } from '../compare-deals.ts';
import { amountOf, type ComparableLine, type LinePair } from '../pair-lines.ts';
import type { Detector } from './detector.ts';

/**
 * The amounts of both sides for the same quantity. Where quantities differ, that is another finding, and prices are
 * compared over what both sides sell; a total of several lines has no one price and is then not compared.
 */
function comparableAmounts({ left, right }: LinePair): readonly [Money, Money] | null {
  if (compareQuantity(left.quantity, right.quantity) === 0)
    return bothOf(amountOf(left), amountOf(right));
  if (left.factIds.length > 1 || right.factIds.length > 1) return null;
  const shared = minQuantity(left.quantity, right.quantity);
  const at = ({ unitPrice, currency }: ComparableLine): Money | null =>
    currency === null ? null : lineAmount(shared, unitPrice, currency);
  return bothOf(at(left), at(right));
}

function bothOf(left: Money | null, right: Money | null): readonly [Money, Money] | null {
  return left === null || right === null ? null : [left, right];
}

/** CRM and ERP sell one part number at different prices, by more than one minor unit of the line's amount. */
export const priceMismatch: Detector = {
  kind: 'price_mismatch',
  version: 1,
  severity: 'high',
  detect(world) {
    return compareDeals(world).flatMap((compared) =>
      compared.pairing.same.flatMap((pair) => {
        const amounts = comparableAmounts(pair);
        if (amounts === null) return [];
        const [crm, erp] = amounts;
        const sameCurrency = crm.currency === erp.currency;
        if (sameCurrency && !differsByMoreThanOneMinorUnit(crm, erp)) return [];
        const gap = sameCurrency ? subtractMoney(crm, erp) : null;
        return dealFinding(compared, {
          sku: pair.left.skuCode,
          money: gap === null ? null : { ...gap, amount: gap.amount.replace('-', '') },
          lines: [pair.left, pair.right],
          summary: `Price of ${pair.left.skuCode}: ${crm.amount} ${crm.currency} in the deal, ${erp.amount} ${erp.currency} in order ${orderNumbers(compared)}. Correct the one that is wrong.`,
        });
      }),
    );
  },
};
