import { lineAmount, type Money } from '../../kernel/money.ts';
import { compareQuantity, subtractQuantity, type Quantity } from '../../kernel/quantity.ts';
import { compareDeals, dealFinding, orderNumbers } from '../compare-deals.ts';
import { against, type ComparableLine } from '../pair-lines.ts';
import type { Detector } from './detector.ts';

/** What the missing or surplus quantity is worth at the line's price. */
function worth(line: ComparableLine, other: Quantity): Money | null {
  const difference = subtractQuantity(line.quantity, other);
  return line.currency === null
    ? null
    : lineAmount(difference.replace('-', ''), line.unitPrice, line.currency);
}

/** CRM and ERP sell different quantities of one part number; a line that one side lacks has none there. */
export const quantityMismatch: Detector = {
  kind: 'quantity_mismatch',
  version: 1,
  severity: 'high',
  detect(world) {
    return compareDeals(world).flatMap((compared) => {
      const { same, onlyLeft, onlyRight } = compared.pairing;
      const finding = (
        sku: string,
        money: Money | null,
        crm: Quantity,
        erp: Quantity,
        lines: readonly ComparableLine[],
      ) =>
        dealFinding(compared, {
          sku,
          money,
          lines,
          summary: `Quantity of ${sku}: ${against(crm, erp)} in order ${orderNumbers(compared)}. Correct the one that is wrong.`,
        });
      return [
        ...same
          .filter(({ left, right }) => compareQuantity(left.quantity, right.quantity) !== 0)
          .map(({ left, right }) =>
            finding(left.skuCode, worth(left, right.quantity), left.quantity, right.quantity, [
              left,
              right,
            ]),
          ),
        ...onlyLeft.map((line) =>
          finding(line.skuCode, worth(line, '0'), line.quantity, '0', [line]),
        ),
        ...onlyRight.map((line) =>
          finding(line.skuCode, worth(line, '0'), '0', line.quantity, [line]),
        ),
      ];
    });
  },
};
