import type { Entitlement } from '../canonical/entitlement.ts';
import type { OutboundOrder } from '../canonical/outbound/outbound-order.ts';
import { compareQuantity } from '../kernel/quantity.ts';
import type { Fact } from '../ledger/fact.ts';

/** What reopening a deal does to its order and its rights. */
export interface ReopenDraft {
  readonly order: OutboundOrder;
  /** Entitlements whose rights are reversed. */
  readonly entitlements: readonly Entitlement[];
  /** Lines that were billed: they stay as they are, and a person decides (contract §9). */
  readonly billedLines: readonly number[];
}

/**
 * Reverses a deal that left its won stage: lines that are not billed are closed and their entitlements reversed;
 * billed ones are left for a person. `orderLines` is what the ERP holds now; a line it does not show is not billed.
 */
export function reopenDeal(
  order: OutboundOrder,
  entitlements: readonly Entitlement[],
  orderLines: readonly Fact<'orderLine'>[],
): ReopenDraft {
  const billed = new Set(
    orderLines
      .filter((line) => compareQuantity(line.body.quantityBilled, '0') > 0)
      .map((line) => line.body.lineNumber),
  );
  const open = order.lines.filter((line) => !billed.has(line.lineNumber));
  const reversed = new Set(
    open.flatMap((line) => (line.entitlementId === undefined ? [] : [line.entitlementId])),
  );
  return {
    order: {
      ...order,
      lines: order.lines.map((line) =>
        billed.has(line.lineNumber) ? line : { ...line, closed: true },
      ),
    },
    entitlements: entitlements
      .filter((entitlement) => reversed.has(entitlement.externalRef))
      .map((entitlement) => ({ ...entitlement, status: 'reversed' as const })),
    billedLines: order.lines.map((line) => line.lineNumber).filter((line) => billed.has(line)),
  };
}
