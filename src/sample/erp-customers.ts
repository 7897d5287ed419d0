import type { JsonObject } from '../kernel/hash.ts';
import { placeOf, type CompanyAccount } from './accounts.ts';
import type { SalesCurrency } from './figures.ts';
import { officeInstant, type InstantText } from './instants.ts';
import type { Prng } from './prng.ts';
import type { VendorIds } from './vendor-ids.ts';
import { COMPANY_STEMS, SHARED_COMPANY_NAME } from './words.ts';

/** A customer of the ERP. */
export interface ErpCustomer {
  readonly id: string;
  readonly companyName: string;
  readonly country: string;
  readonly currency: SalesCurrency;
  /** The CRM account's id, where an earlier integration made the customer. */
  readonly externalId: string | null;
  readonly parentId: string | null;
  /** Made from a CRM account, bought from the ERP alone, or merely of the same name as somebody else. */
  readonly origin: 'crm' | 'erp' | 'namesake';
  readonly modifiedAt: InstantText;
}

/** Meridian's companies by their ERP id: the parent, and the three that sell. */
export const SUBSIDIARIES = [
  { id: '1', name: 'Meridian Software Holding', currency: 'USD', country: 'US', parentId: null },
  { id: '2', name: 'Meridian Software Inc.', currency: 'USD', country: 'US', parentId: '1' },
  { id: '5', name: 'Meridian Software GmbH', currency: 'EUR', country: 'DE', parentId: '1' },
  { id: '7', name: 'Meridian Software K.K.', currency: 'JPY', country: 'JP', parentId: '1' },
] as const;

const CURRENCIES: readonly {
  readonly id: string;
  readonly symbol: SalesCurrency;
  readonly name: string;
}[] = [
  { id: '1', symbol: 'USD', name: 'US Dollar' },
  { id: '4', symbol: 'EUR', name: 'Euro' },
  { id: '6', symbol: 'JPY', name: 'Japanese Yen' },
];

/** A reference as the record service gives it. */
export interface ErpRef {
  readonly [key: string]: string;
  readonly id: string;
  readonly refName: string;
}

export function currencyRef(symbol: SalesCurrency): ErpRef {
  const currency = CURRENCIES.find((each) => each.symbol === symbol);
  return { id: currency?.id ?? '', refName: currency?.name ?? '' };
}

/** The subsidiary that sells in a currency. */
export function sellerRef(symbol: SalesCurrency): ErpRef {
  const seller = SUBSIDIARIES.find((each) => each.parentId !== null && each.currency === symbol);
  return { id: seller?.id ?? '', refName: seller?.name ?? '' };
}

/** Customers of accounts that the CRM knows; affiliates point at their parent's customer where there is one. */
function linkedCustomers(prng: Prng, accounts: readonly CompanyAccount[]): ErpCustomer[] {
  const byAccount = new Map(accounts.map((account) => [account.id, account]));
  return accounts.flatMap((account) => {
    if (account.customerId === null) return [];
    const parent = account.parentId === null ? undefined : byAccount.get(account.parentId);
    return [
      {
        id: account.customerId,
        companyName: account.name,
        country: account.country,
        currency: account.currency,
        externalId: account.id,
        parentId: parent?.customerId ?? null,
        origin: 'crm' as const,
        modifiedAt: officeInstant(prng, `2025-0${prng.int(1, 9)}-${prng.int(10, 28)}`),
      },
    ];
  });
}

/** Who a hand-keyed customer is: the namesake of a prospect, the third of the shared name, or somebody new. */
function strangerOf(
  prng: Prng,
  stem: string,
  at: number,
  prospects: readonly CompanyAccount[],
): Pick<ErpCustomer, 'companyName' | 'country' | 'origin'> {
  const twin = prospects[at];
  if (twin !== undefined)
    return { companyName: twin.name, country: twin.country, origin: 'namesake' };
  if (at === prospects.length)
    return { companyName: SHARED_COMPANY_NAME, country: 'JP', origin: 'namesake' };
  const country = prng.pick(['US', 'DE', 'JP', 'FR']);
  return { companyName: `${stem} Partners ${placeOf(country).form}`, country, origin: 'erp' };
}

/** Customers that were keyed in by hand: no CRM account stands for them, or only one of the same name. */
function unlinkedCustomers(
  prng: Prng,
  ids: VendorIds,
  accounts: readonly CompanyAccount[],
  count: number,
): ErpCustomer[] {
  const strangers = accounts.filter((each) => each.type === 'Prospect' && each.customerId === null);
  const prospects = prng.sample(strangers, 3);
  return prng.sample(COMPANY_STEMS, count).map((stem, at) => {
    const who = strangerOf(prng, stem, at, prospects);
    return {
      id: ids.netsuite('entity'),
      ...who,
      currency: placeOf(who.country).currency,
      externalId: null,
      parentId: null,
      modifiedAt: officeInstant(prng, `2025-0${prng.int(1, 9)}-${prng.int(10, 28)}`),
    };
  });
}

/** Every customer of the ERP: about nine in ten carry the id of their CRM account. */
export function createErpCustomers(
  prng: Prng,
  ids: VendorIds,
  accounts: readonly CompanyAccount[],
): ErpCustomer[] {
  const linked = linkedCustomers(prng, accounts);
  return [
    ...linked,
    ...unlinkedCustomers(prng, ids, accounts, Math.max(6, Math.round(linked.length / 9))),
  ];
}

/** Customer rows of the NetSuite world. */
export function customerRecords(customers: readonly ErpCustomer[]): JsonObject[] {
  return customers.map((customer) => ({
    id: customer.id,
    entityId: `C-${customer.id} ${customer.companyName}`,
    companyName: customer.companyName,
    email: `ap-${customer.id}@customer.example`,
    country: customer.country,
    subsidiary: sellerRef(customer.currency),
    currency: currencyRef(customer.currency),
    ...(customer.externalId === null ? {} : { externalId: customer.externalId }),
    ...(customer.parentId === null ? {} : { parent: { id: customer.parentId } }),
    isInactive: false,
    lastModifiedDate: customer.modifiedAt,
  }));
}

/** Subsidiary rows of the NetSuite world. */
export function subsidiaryRecords(): JsonObject[] {
  return SUBSIDIARIES.map(({ id, name, currency, country, parentId }) => ({
    id,
    name,
    currency: currencyRef(currency),
    country,
    ...(parentId === null ? {} : { parent: { id: parentId } }),
    isElimination: false,
  }));
}

/** Currency rows of the NetSuite world. */
export function currencyRecords(): JsonObject[] {
  return CURRENCIES.map(({ id, symbol, name }) => ({ id, symbol, name }));
}
