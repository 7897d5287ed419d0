import { addDays } from '../../kernel/dates.ts';
import { moneyOf } from '../../kernel/money.ts';
import { add, compare, multiply, parseDecimal, rational, subtract } from '../../kernel/rational.ts';
import type { Fact } from '../../ledger/fact.ts';
import { byAccount } from '../../ledger/identity/identities.ts';
import type { DriftWorld } from '../drift-world.ts';
import { bySource, groupBy } from '../sort.ts';
import type { Detector } from './detector.ts';

interface Purchase {
  readonly line: Fact<'orderLine'>;
  readonly order: Fact<'order'>;
  readonly sku: string;
  readonly currency: string;
}

/** Lines of our own purchase orders of the last year, cancelled ones left out. */
function purchasesOf({ snapshot, catalogue }: DriftWorld): readonly Purchase[] {
  const since = addDays(snapshot.asOf, -365);
  const orders = new Map(
    snapshot.orders
      .filter(({ body }) => body.posture === 'licensee' && body.status !== 'cancelled')
      .map((each) => [byAccount(each.connection, each.externalRef), each]),
  );
  return snapshot.orderLines.toSorted(bySource).flatMap((line) => {
    const order = orders.get(byAccount(line.connection, line.body.orderRef));
    const currency = line.body.currency ?? order?.body.currency;
    const from = line.body.validFrom ?? order?.body.orderDate;
    if (order === undefined || currency === undefined || from === undefined) return [];
    if (from < since || from > snapshot.asOf) return [];
    return [{ line, order, currency, sku: catalogue.resolve(line.connection, line.body.skuCode) }];
  });
}

/**
 * The same part number bought again and again within a year, at different prices: one agreement at the best of them
 * would have saved the difference. Money is that difference; another currency is another purchase.
 */
export const scatteredPurchases: Detector = {
  kind: 'scattered_purchases',
  version: 1,
  severity: 'low',
  detect(world) {
    const groups = groupBy(purchasesOf(world), ({ sku, currency }) =>
      JSON.stringify([sku, currency]),
    );
    return [...groups.values()].flatMap((group) => {
      const [first] = group;
      const orders = new Set(group.map(({ order }) => order.factId));
      if (first === undefined || orders.size < world.snapshot.detection.scatteredPurchases)
        return [];
      const prices = group.map(({ line }) => parseDecimal(line.body.unitPrice));
      const best = prices.reduce((low, each) => (compare(each, low) < 0 ? each : low));
      const saving = group.reduce(
        (sum, { line }) =>
          add(
            sum,
            multiply(
              parseDecimal(line.body.quantity),
              subtract(parseDecimal(line.body.unitPrice), best),
            ),
          ),
        rational(0n),
      );
      if (saving.num === 0n) return [];
      const money = moneyOf(saving, first.currency);
      return {
        subject: { type: 'Sku', id: first.sku },
        connection: first.line.connection,
        sku: first.sku,
        money,
        evidence: [...orders, ...group.map(({ line }) => line.factId)],
        owner: 'finance' as const,
        summary: `${first.sku} was bought in ${orders.size} orders within a year, at different prices. At the best of them it had cost ${money.amount} ${money.currency} less: propose one agreement.`,
      };
    });
  },
};
