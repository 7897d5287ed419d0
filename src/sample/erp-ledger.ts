import { addDays, type LocalDate } from '../kernel/dates.ts';
import type { JsonObject } from '../kernel/hash.ts';
import { currencyRef, sellerRef } from './erp-customers.ts';
import { TODAY } from './instants.ts';
import type { Prng } from './prng.ts';
import { DEPARTMENTS } from './saas-products.ts';

/** The fiscal years that the account has periods for, named after their end; each begins the day after the Saturday nearest 31 January. */
const YEARS: readonly { readonly name: string; readonly from: LocalDate }[] = [
  { name: 'FY 2026', from: '2025-02-02' },
  { name: 'FY 2027', from: '2026-02-01' },
];
/** A quarter has 4, 4 and 5 weeks. */
const WEEKS = [4, 4, 5] as const;

/** Departments as the ERP numbers them. */
export function departmentRecords(): JsonObject[] {
  return DEPARTMENTS.map((name, at) => ({ id: String(at + 1), name, isInactive: false }));
}

/** Years, quarters and periods of the 4-4-5 calendar; what ended before today is closed. */
export function periodRecords(): JsonObject[] {
  const rows: JsonObject[] = [];
  const add = (name: string, from: LocalDate, days: number, parent: string | null, kind: 'year' | 'quarter' | 'period'): string => {
    const id = String(rows.length + 1);
    const last = addDays(from, days - 1);
    rows.push({
      id,
      periodName: name,
      startDate: from,
      endDate: last,
      ...(parent === null ? {} : { parent: { id: parent } }),
      isYear: kind === 'year',
      isQuarter: kind === 'quarter',
      isAdjust: false,
      closed: last < TODAY,
    });
    return id;
  }; // prettier-ignore
  for (const { name, from } of YEARS) {
    const year = add(name, from, 52 * 7, null, 'year');
    let start = from;
    for (let quarter = 1; quarter <= 4; quarter += 1) {
      const parent = add(`Q${quarter} ${name}`, start, 13 * 7, year, 'quarter');
      for (const [at, weeks] of WEEKS.entries()) {
        add(`P${(quarter - 1) * 3 + at + 1} ${name}`, start, weeks * 7, parent, 'period');
        start = addDays(start, weeks * 7);
      }
    }
  }
  return rows;
}

/** The rates of the last ten days, in dollars. */
export function rateRecords(prng: Prng): JsonObject[] {
  const rates: JsonObject[] = [];
  for (let back = 10; back >= 1; back -= 1) {
    const date = addDays(TODAY, -back);
    const row = (currency: 'EUR' | 'JPY', exchangeRate: string): JsonObject => ({
      id: String(rates.length + 1),
      baseCurrency: currencyRef('USD'),
      transactionCurrency: currencyRef(currency),
      exchangeRate,
      effectiveDate: date,
      lastModifiedDate: `${date}T06:00:00Z`,
    });
    rates.push(row('EUR', `1.0${prng.int(70, 95)}0`));
    rates.push(row('JPY', `0.0066${prng.int(10, 99)}`));
  }
  return rates;
}

/** What each department may spend on software in the current year. */
export function budgetRecords(prng: Prng, periods: readonly JsonObject[]): JsonObject[] {
  const year = periods.findLast((period) => period['isYear'] === true);
  return departmentRecords().map((department, at) => ({
    id: String(at + 1),
    year: { id: String(year?.['id'] as string) },
    department: { id: String(at + 1), refName: String(department['name'] as string) },
    subsidiary: sellerRef('USD'),
    currency: currencyRef('USD'),
    category: 'Software',
    total: `${prng.int(40, 400)}000.00`,
  }));
}
