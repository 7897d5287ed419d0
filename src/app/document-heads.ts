import type { Json, JsonObject } from '../kernel/hash.ts';
import type { FactNoun } from '../ledger/fact.ts';
import type { FactReader } from './fact-reader.ts';
import type { HeadOf } from './impact-moves.ts';
import type { OrganizationLinks } from './organization-links.ts';

/** Lines, the noun that they are lines of, and the field that says of which. */
const PARENTS: Readonly<Record<string, readonly [FactNoun, string]>> = {
  invoiceLine: ['invoice', 'invoiceRef'],
  opportunityLine: ['opportunity', 'opportunityRef'],
  orderLine: ['order', 'orderRef'],
  purchaseOrderLine: ['purchaseOrder', 'purchaseOrderRef'],
  quoteLine: ['quote', 'quoteRef'],
};

/**
 * Tells the number and the customer of documents of one connection, and of their lines by the document that they stand
 * on. An ERP customer is told as the CRM account that it is linked to.
 */
export async function documentHeads(
  facts: FactReader,
  connection: string,
  nouns: Iterable<string>,
  organizations: OrganizationLinks,
): Promise<HeadOf> {
  const bodies = new Map<string, JsonObject>();
  for (const noun of nouns) {
    const [parent] = PARENTS[noun] ?? [];
    if (parent === undefined) continue;
    for (const fact of await facts(parent))
      if (fact.connection === connection)
        bodies.set(`${parent}/${fact.externalRef}`, asJson(fact.body));
  }
  return (noun, body) => {
    const [parent, field = ''] = PARENTS[noun] ?? [];
    const head = parent === undefined ? body : bodies.get(`${parent}/${text(body[field]) ?? ''}`);
    const customer = text(head?.['accountRef'] ?? head?.['counterpartyRef']);
    return {
      number: text(head?.['number'] ?? head?.['name']),
      customer:
        customer === null ? null : (organizations.accountOf(connection, customer) ?? customer),
    };
  };
}

/** Bodies of facts are plain data. */
function asJson(body: object): JsonObject {
  return body as JsonObject;
}

function text(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
