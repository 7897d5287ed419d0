import * as z from 'zod';
import type { JsonObject } from '../../src/sdk/kernel.ts';
import type { SalesforceClient } from './client.ts';
import { describeRaw } from './describe.ts';
import type { Refusal } from './field-forms.ts';
import { EXTERNAL_ID_FIELD } from './package-fields.ts';
import { rowsById } from './rows-by-id.ts';
import { soqlLists } from './soql.ts';

const LIST = 200;

const Entry = z.object({
  Id: z.string(),
  Pricebook2Id: z.string(),
  CurrencyIsoCode: z.string().nullish(),
  Product2: z.object({ ProductCode: z.string() }),
});
type Entry = z.infer<typeof Entry>;

const Deal = z.looseObject({
  Id: z.string(),
  CurrencyIsoCode: z.string().nullish(),
  Pricebook2Id: z.string().nullish(),
});

/** An opportunity whose lines need price book entries. */
export interface PricedDeal {
  readonly externalId: string;
  readonly fields: JsonObject;
  readonly productCodes: readonly string[];
}

export type Prices =
  | { readonly ok: true; readonly entryByCode: ReadonlyMap<string, string> }
  | { readonly ok: false; readonly refusal: Refusal };

async function entriesOf(
  client: SalesforceClient,
  codes: readonly string[],
  hasCurrency: boolean,
): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for (const list of soqlLists(codes, LIST)) {
    const rows = await rowsById(client, {
      what: 'looking up price book entries',
      object: 'PricebookEntry',
      fields: ['Pricebook2Id', 'Product2.ProductCode', ...(hasCurrency ? ['CurrencyIsoCode'] : [])],
      conditions: ['IsActive = true', `Product2.ProductCode IN (${list})`],
      withDeleted: false,
    });
    entries.push(
      ...rows
        .map((row) => Entry.safeParse(row))
        .filter((row) => row.success)
        .map((row) => row.data),
    );
  }
  return entries;
}

async function dealsOf(
  client: SalesforceClient,
  externalIds: readonly string[],
  hasCurrency: boolean,
): Promise<ReadonlyMap<string, z.infer<typeof Deal>>> {
  const deals = new Map<string, z.infer<typeof Deal>>();
  for (const list of soqlLists(externalIds, LIST)) {
    const rows = await rowsById(client, {
      what: 'looking up opportunities',
      object: 'Opportunity',
      fields: [EXTERNAL_ID_FIELD, 'Pricebook2Id', ...(hasCurrency ? ['CurrencyIsoCode'] : [])],
      conditions: [`${EXTERNAL_ID_FIELD} IN (${list})`],
      withDeleted: false,
    });
    for (const row of rows) deals.set(String(row[EXTERNAL_ID_FIELD]), Deal.parse(row));
  }
  return deals;
}

/** The price book that has every product of the deal: the deal's own, else the first by id. */
function chooseEntries(
  entries: readonly Entry[],
  codes: readonly string[],
  book: string | undefined,
): ReadonlyMap<string, string> | null {
  const books =
    book === undefined
      ? [...new Set(entries.map((entry) => entry.Pricebook2Id))].toSorted()
      : [book];
  for (const each of books) {
    const inBook = entries.filter((entry) => entry.Pricebook2Id === each);
    const byCode = new Map(inBook.map((entry) => [entry.Product2.ProductCode, entry.Id]));
    if (codes.every((code) => byCode.has(code))) return byCode;
  }
  return null;
}

/**
 * Finds the active price book entry of every line before anything is written, so that an unknown product
 * leaves no half-written deal. The currency is the request's, else that of the opportunity that is there.
 */
export async function priceDeals(
  client: SalesforceClient,
  deals: readonly PricedDeal[],
): Promise<readonly Prices[]> {
  const described = await describeRaw(client, 'PricebookEntry');
  const hasCurrency = described.fields.some((field) => field.name === 'CurrencyIsoCode');
  const codes = deals.flatMap((deal) => deal.productCodes);
  const entries = await entriesOf(client, codes, hasCurrency);
  const known = await dealsOf(
    client,
    deals.map((deal) => deal.externalId),
    hasCurrency,
  );
  const text = (value: unknown): string | undefined =>
    typeof value === 'string' ? value : undefined;

  return deals.map((deal): Prices => {
    const there = known.get(deal.externalId);
    const currency = text(deal.fields['CurrencyIsoCode']) ?? text(there?.CurrencyIsoCode);
    if (hasCurrency && currency === undefined) {
      return {
        ok: false,
        refusal: {
          code: 'no_currency',
          field: 'CurrencyIsoCode',
          message:
            'The opportunity has no CurrencyIsoCode, so its lines have no price book entry. Map the currency.',
        },
      };
    }
    const book = text(deal.fields['Pricebook2Id']) ?? text(there?.Pricebook2Id);
    const inCurrency = entries.filter(
      (entry) => !hasCurrency || entry.CurrencyIsoCode === currency,
    );
    const entryByCode = chooseEntries(inCurrency, deal.productCodes, book);
    if (entryByCode !== null) return { ok: true, entryByCode };
    const message = `No active price book holds ${deal.productCodes.join(', ')} in ${currency ?? 'the currency of the organisation'}. Add the price book entries in Salesforce.`;
    return { ok: false, refusal: { code: 'no_pricebook_entry', field: 'lines', message } };
  });
}
