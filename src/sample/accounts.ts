import type { JsonObject } from '../kernel/hash.ts';
import type { SalesCurrency } from './figures.ts';
import { officeInstant, salesforceStamp, type InstantText } from './instants.ts';
import type { Prng } from './prng.ts';
import type { VendorIds } from './vendor-ids.ts';
import { COMPANY_STEMS, COMPANY_TRADES, SHARED_COMPANY_NAME } from './words.ts';

/** A company in the CRM. */
export interface CompanyAccount {
  readonly id: string;
  readonly name: string;
  readonly type: 'Customer' | 'Prospect' | 'Reseller';
  readonly country: string;
  readonly currency: SalesCurrency;
  readonly parentId: string | null;
  readonly accountNumber: string;
  readonly createdAt: InstantText;
  readonly modifiedAt: InstantText;
  /** The ERP customer that an earlier integration made for it; null for companies that never bought. */
  readonly customerId: string | null;
}

interface Place {
  readonly country: string;
  readonly currency: SalesCurrency;
  readonly form: string;
}

const PLACES: readonly Place[] = [
  { country: 'US', currency: 'USD', form: 'Inc.' },
  { country: 'US', currency: 'USD', form: 'LLC' },
  { country: 'CA', currency: 'USD', form: 'Ltd.' },
  { country: 'GB', currency: 'USD', form: 'plc' },
  { country: 'DE', currency: 'EUR', form: 'GmbH' },
  { country: 'DE', currency: 'EUR', form: 'AG' },
  { country: 'FR', currency: 'EUR', form: 'SAS' },
  { country: 'NL', currency: 'EUR', form: 'B.V.' },
  { country: 'JP', currency: 'JPY', form: 'K.K.' },
];

/** Accounts that the CRM was started with came in one load and share its second. */
const IMPORTED_AT = '2024-02-10T02:30:00Z';
const RESELLERS = 5;

/** The place that a company trades in decides which subsidiary of Meridian sells to it. */
export function placeOf(country: string): Place {
  const place = PLACES.find((each) => each.country === country);
  return place ?? { country, currency: 'USD', form: 'Ltd.' };
}

interface Group {
  readonly brand: string;
  readonly size: number;
}

/** Groups of one to six companies that together make up the wanted number. */
function groupsOf(prng: Prng, count: number): Group[] {
  const brands = COMPANY_STEMS.flatMap((stem) => COMPANY_TRADES.map((trade) => `${stem} ${trade}`));
  const groups: Group[] = [];
  let left = count;
  for (const brand of prng.shuffle(brands)) {
    if (left === 0) break;
    const size = Math.min(left, prng.chance(0.55) ? 1 : prng.int(2, 6));
    groups.push({ brand, size });
    left -= size;
  }
  return groups;
}

function nameOf(brand: string, place: Place, at: number, size: number, taken: Set<string>): string {
  const base = at === 0 && size > 1 ? `${brand} Group ${place.form}` : `${brand} ${place.form}`;
  const name = taken.has(base) ? `${brand} ${place.country} ${at} ${place.form}` : base;
  taken.add(name);
  return name;
}

type Seed = Omit<CompanyAccount, 'type' | 'customerId'>;

function membersOf(prng: Prng, ids: VendorIds, group: Group, taken: Set<string>): Seed[] {
  const members: Seed[] = [];
  for (let at = 0; at < group.size; at += 1) {
    const place = prng.pick(PLACES);
    const head = members[0];
    // Mostly directly below the head of the group, at times below the company before: trees of depth three.
    const parent = at > 1 && prng.chance(0.25) ? members[at - 1] : head;
    const createdAt = prng.chance(0.3)
      ? IMPORTED_AT
      : officeInstant(prng, `2024-0${prng.int(2, 9)}-${prng.int(10, 28)}`);
    members.push({
      id: ids.salesforce('Account'),
      name: nameOf(group.brand, place, at, group.size, taken),
      country: place.country,
      currency: place.currency,
      parentId: parent?.id ?? null,
      accountNumber: `A-${prng.int(100_000, 999_999)}`,
      createdAt,
      modifiedAt: prng.chance(0.4)
        ? createdAt
        : officeInstant(prng, `2025-${prng.pick(['03', '06', '09', '11'])}-${prng.int(10, 28)}`),
    });
  }
  return members;
}

/** Two unrelated customers in different countries carry the same name. */
function shareOneName(accounts: readonly CompanyAccount[]): CompanyAccount[] {
  const alone = accounts.filter(
    (each) =>
      each.type === 'Customer' &&
      each.parentId === null &&
      !accounts.some((other) => other.parentId === each.id),
  );
  const chosen = [
    alone.find((each) => each.country === 'US'),
    alone.find((each) => each.country === 'DE'),
  ].map((each) => each?.id);
  return accounts.map((each) =>
    chosen.includes(each.id) ? { ...each, name: SHARED_COMPANY_NAME } : each,
  );
}

/** The CRM's companies: about three quarters customers, a few resellers, the rest prospects, in trees with affiliates. */
export function createAccounts(prng: Prng, ids: VendorIds, count: number): CompanyAccount[] {
  const taken = new Set<string>();
  const seeds = groupsOf(prng, count).flatMap((group) => membersOf(prng, ids, group, taken));
  const ranked = prng.shuffle(seeds.map((each) => each.id));
  const customers = new Set(ranked.slice(0, Math.round(count * 0.76)));
  const resellers = new Set(ranked.slice(-Math.min(RESELLERS, Math.ceil(count * 0.05))));
  const accounts = seeds.map((seed): CompanyAccount => {
    const type = customers.has(seed.id)
      ? 'Customer'
      : resellers.has(seed.id)
        ? 'Reseller'
        : 'Prospect';
    const bought = type === 'Customer' || (type === 'Prospect' && prng.chance(0.2));
    return { ...seed, type, customerId: bought ? ids.netsuite('entity') : null };
  });
  return shareOneName(accounts);
}

/** Account rows of the Salesforce world. */
export function accountRecords(accounts: readonly CompanyAccount[]): JsonObject[] {
  return accounts.map((account) => ({
    Id: account.id,
    Name: account.name,
    ParentId: account.parentId,
    Type: account.type,
    BillingCountryCode: account.country,
    CurrencyIsoCode: account.currency,
    AccountNumber: account.accountNumber,
    IsDeleted: false,
    CreatedDate: salesforceStamp(account.createdAt),
    LastModifiedDate: salesforceStamp(account.modifiedAt),
    SystemModstamp: salesforceStamp(account.modifiedAt),
  }));
}
