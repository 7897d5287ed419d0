/** As SuiteQL pages: 1,000 rows at most. */
export const PAGE_ROWS = 1000;
/** The customers of the bench's account. */
export const CUSTOMERS = 100_000;

const FIRST_STAMP = Date.parse('2026-01-05T08:00:00Z');

/** Some rows share a second, as rows of one import do. */
const stampOf = (at: number): string =>
  new Date(FIRST_STAMP + Math.floor(at / 3) * 1000).toISOString().slice(0, 19).replace('T', ' ');

/** Row `at` as SuiteQL writes it: lower-case names, every value text, nulls left out. */
export function customerRow(at: number): Record<string, unknown> {
  return {
    links: [],
    id: String(at + 1),
    entityid: `C${at + 1}`,
    companyname: at % 50 === 0 ? `Zürcher "Käse" & Söhne ${at}` : `Customer ${at} of the bench`,
    ...(at % 3 === 0 ? {} : { externalid: `001Tw${String(at).padStart(10, '0')}AAA` }),
    ...(at % 4 === 0 ? { parent: String(Math.floor(at / 4) + 1) } : {}),
    email: `ap-${at}@customer.example`,
    subsidiary: String((at % 3) + 1),
    currency: at % 2 === 0 ? 'EUR' : 'USD',
    country: at % 2 === 0 ? 'DE' : 'US',
    isinactive: 'F',
    lastmodifieddate: stampOf(at),
  };
}
