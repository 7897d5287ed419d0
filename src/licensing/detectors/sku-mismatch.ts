import { compareDeals, dealFinding, orderNumbers } from '../compare-deals.ts';
import { amountOf } from '../pair-lines.ts';
import type { Detector } from './detector.ts';

/** The ERP sold another part number than the CRM for what is otherwise the same line. */
export const skuMismatch: Detector = {
  kind: 'sku_mismatch',
  version: 1,
  severity: 'high',
  detect(world) {
    return compareDeals(world).flatMap((compared) =>
      compared.pairing.swapped.map(({ left, right }) =>
        dealFinding(compared, {
          sku: left.skuCode,
          money: amountOf(left),
          lines: [left, right],
          summary: `The deal sells ${left.skuCode}, order ${orderNumbers(compared)} has ${right.skuCode} instead. Correct the order line.`,
        }),
      ),
    );
  },
};
