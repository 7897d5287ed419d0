import type { JsonObject } from '../../src/kernel/hash.ts';
import type { SourceRecord } from '../../src/sdk/record.ts';

/** As the vendor pages: 2,000 rows at most. */
export const PAGE_ROWS = 2000;
/** The size of the bench's organisation. */
export const TOTAL_ROWS = 100_000;

const FIRST_STAMP = Date.parse('2026-01-05T08:00:00Z');

const idOf = (at: number): string => `001Tw${String(at).padStart(10, '0')}AAA`;

/** Some rows share a second, as rows of one bulk job do. */
function stampOf(at: number): string {
  return new Date(FIRST_STAMP + Math.floor(at / 3) * 1000).toISOString();
}

function accountData(at: number, stamp: string): JsonObject {
  return {
    Id: idOf(at),
    IsDeleted: false,
    CreatedDate: stamp,
    LastModifiedDate: stamp,
    SystemModstamp: stamp,
    Name: at % 50 === 0 ? `Zürcher "Käse" & Söhne ${at}` : `Customer ${at} of the bench`,
    ParentId: at % 4 === 0 ? idOf(Math.floor(at / 4)) : null,
    Type: at % 3 === 0 ? 'Customer - Direct' : 'Prospect',
    BillingCountryCode: at % 2 === 0 ? 'DE' : 'US',
    CurrencyIsoCode: at % 2 === 0 ? 'EUR' : 'USD',
    AccountNumber: `AC-${at}`,
    Trueup_Id__c: `tu-account-${at}`,
    NumberOfEmployees: at % 5000,
  };
}

/** A row of the REST API. */
export type AccountRow = JsonObject & { readonly Id: string };

/** Row `at` of the bench's organisation: an Account with 13 fields, as the REST API would write it. */
export function accountRow(at: number): AccountRow {
  const url = `/services/data/v67.0/sobjects/Account/${idOf(at)}`;
  const data = accountData(at, stampOf(at).replace('Z', '+0000'));
  return { attributes: { type: 'Account', url }, ...data, Id: idOf(at) };
}

/** Row `at` as a connector hands it to the store. */
export function accountRecord(at: number): SourceRecord {
  const stamp = stampOf(at);
  return { id: idOf(at), stamp, deleted: false, data: accountData(at, stamp) };
}

/** Pages of rows made by `make`, `total` rows in all. */
export function pagesOf<Row>(
  total: number,
  make: (at: number) => Row,
): readonly (readonly Row[])[] {
  return Array.from({ length: Math.ceil(total / PAGE_ROWS) }, (_, page) =>
    Array.from({ length: Math.min(PAGE_ROWS, total - page * PAGE_ROWS) }, (_row, row) =>
      make(page * PAGE_ROWS + row),
    ),
  );
}
