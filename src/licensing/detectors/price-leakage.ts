import { differsByMoreThanOneMinorUnit, lineAmount, subtractMoney } from '../../kernel/money.ts';
import type { Fact } from '../../ledger/fact.ts';
import { byAccount } from '../../ledger/identity/identities.ts';
import type { DriftWorld } from '../drift-world.ts';
import { bySource, groupBy } from '../sort.ts';
import type { Detector } from './detector.ts';

/** Prices that an order holds for a part number; several where it is sold on several lines. */
function orderPrices({ snapshot, catalogue }: DriftWorld) {
  return groupBy(snapshot.orderLines.toSorted(bySource), (line) =>
    JSON.stringify([
      byAccount(line.connection, line.body.orderRef),
      catalogue.resolve(line.connection, line.body.skuCode),
    ]),
  );
}

/** Invoices that ask for money and name the order that they bill. */
function billing({ snapshot }: DriftWorld): ReadonlyMap<string, Fact<'invoice'>> {
  const asked = snapshot.invoices.filter(
    ({ body }) => body.orderRef !== undefined && body.kind !== 'credit',
  );
  return new Map(asked.map((each) => [byAccount(each.connection, each.externalRef), each]));
}

/**
 * An invoice line at another price a unit than each line of its order for the part number (domain e), by more than one
 * minor unit of the line. Currencies are never compared by their figures.
 */
export const priceLeakage: Detector = {
  kind: 'price_leakage',
  version: 1,
  severity: 'high',
  detect(world) {
    const prices = orderPrices(world);
    const invoices = billing(world);
    const orders = new Map(
      world.snapshot.orders.map((each) => [byAccount(each.connection, each.externalRef), each]),
    );
    return world.snapshot.invoiceLines.toSorted(bySource).flatMap((line) => {
      const invoice = invoices.get(byAccount(line.connection, line.body.invoiceRef));
      const orderKey = byAccount(line.connection, invoice?.body.orderRef ?? '');
      const currency = line.body.currency ?? invoice?.body.currency;
      const sku = world.catalogue.resolve(line.connection, line.body.skuCode);
      const agreed = prices.get(JSON.stringify([orderKey, sku])) ?? [];
      const orderCurrency = orders.get(orderKey)?.body.currency;
      if (invoice === undefined || currency === undefined || agreed.length === 0) return [];
      const billed = lineAmount(line.body.quantity, line.body.unitPrice, currency);
      const due = agreed.flatMap(({ body }) => {
        const same = (body.currency ?? orderCurrency) === currency;
        return same ? [lineAmount(line.body.quantity, body.unitPrice, currency)] : [];
      });
      const [first] = due;
      if (first === undefined) return [];
      if (due.some((amount) => !differsByMoreThanOneMinorUnit(amount, billed))) return [];
      const gap = subtractMoney(billed, first);
      return {
        subject: { type: 'InvoiceLine', id: line.externalRef },
        connection: line.connection,
        sku,
        money: { ...gap, amount: gap.amount.replace('-', '') },
        evidence: [line.factId, invoice.factId, ...agreed.map(({ factId }) => factId)],
        owner: 'finance' as const,
        summary: `Invoice ${invoice.body.number} bills ${sku} at ${line.body.unitPrice} ${currency}; its order says ${agreed[0]?.body.unitPrice}. Correct the invoice, or the order.`,
      };
    });
  },
};
