import * as z from 'zod';
import { exponentOf } from '../../kernel/money.ts';
import { multiply, parseDecimal, toFixed } from '../../kernel/rational.ts';
import type { JsonObject } from '../../kernel/hash.ts';
import type { PlantedDrift } from '../../sdk/define-twin.ts';
import type { Planter } from './planting.ts';

const Line = z.looseObject({
  line: z.number(),
  item: z.looseObject({ refName: z.string() }),
  quantity: z.number(),
  rate: z.number(),
});
const Invoice = z.looseObject({
  id: z.string(),
  tranId: z.string(),
  tranDate: z.string(),
  createdFrom: z.looseObject({ id: z.string() }),
  currency: z.looseObject({ refName: z.string() }),
  item: z.looseObject({ items: z.array(Line) }),
});
type Invoice = z.infer<typeof Invoice>;

/** Invoices of the ERP, a line of some of them at another price than their order. */
interface WrongInvoices {
  readonly invoices: readonly JsonObject[];
  readonly planted: readonly PlantedDrift[];
}

/** In percent of what the order says. */
const DEARER = '1.07';

/** Bills a line of some invoices at seven percent more than their order says. */
export function plantInvoices(
  { prng, cases }: Planter,
  invoices: readonly JsonObject[],
): WrongInvoices {
  const known = invoices.map((each) => Invoice.parse(each));
  const fit = known.filter(({ item }) => item.items.some(isWorth));
  const chosen = new Map(
    prng.sample(fit, cases()).map((each) => [each.id, prng.pick(each.item.items.filter(isWorth))]),
  );
  const changed = known.flatMap((each) => {
    const line = chosen.get(each.id);
    return line === undefined ? [] : [{ invoice: each, line }];
  });
  const wrong = new Map(changed.map(({ invoice, line }) => [invoice.id, dearer(invoice, line)]));
  return {
    invoices: known.map((each) => wrong.get(each.id) ?? each) as readonly JsonObject[],
    planted: changed.map(({ invoice, line }) => ({
      kind: 'price_leakage',
      subject: { type: 'InvoiceLine', id: `${invoice.id}-${line.line}` },
      sku: line.item.refName,
      note: `${invoice.tranId} bills seven percent more than its order says.`,
      since: invoice.tranDate,
    })),
  };
}

/** A line dear enough that seven percent are more than rounding. */
function isWorth({ quantity, rate }: z.infer<typeof Line>): boolean {
  return quantity >= 2 && rate >= 50;
}

function dearer(invoice: Invoice, line: z.infer<typeof Line>): Invoice {
  const places = exponentOf(invoice.currency.refName.includes('Yen') ? 'JPY' : 'EUR');
  const rate = toFixed(multiply(parseDecimal(String(line.rate)), parseDecimal(DEARER)), places);
  const amount = multiply(parseDecimal(rate), parseDecimal(String(line.quantity)));
  const billed = { ...line, rate: Number(rate), amount: Number(toFixed(amount, places)) };
  const items = invoice.item.items.map((each) => (each.line === line.line ? billed : each));
  return { ...invoice, item: { ...invoice.item, items } };
}
