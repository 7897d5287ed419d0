import { addDays, addMonths, type LocalDate } from '../kernel/dates.ts';
import { ValidationError } from '../kernel/errors.ts';
import type { CompanyAccount } from './accounts.ts';
import {
  createDeal,
  createLine,
  productsOf,
  quantityFor,
  type Deal,
  type DealDesk,
  type DealLine,
  type StageName,
} from './deals.ts';
import { TODAY } from './instants.ts';

const OPEN_STAGES: readonly StageName[] = [
  'Prospecting',
  'Qualification',
  'Proposal/Price Quote',
  'Negotiation/Review',
];

function enquiryLines(desk: DealDesk, account: CompanyAccount, start: LocalDate): DealLine[] {
  const { prng, catalogue } = desk;
  const currency = account.currency;
  const licensed = prng.sample(catalogue.licensed, prng.pick([1, 1, 2, 3]));
  const services = prng.chance(0.3) ? prng.sample(catalogue.services, 1) : [];
  return [...licensed, ...services].map((product) =>
    createLine(desk, {
      product,
      quantity: quantityFor(prng, product),
      start,
      months: product.metric === null ? 3 : 12,
      currency,
      discount: prng.pick([0, 5, 10, 25]),
    }),
  );
}

/** Deals that are still worked on: most close later this year, some are overdue. */
export function createOpenDeals(
  desk: DealDesk,
  accounts: readonly CompanyAccount[],
  count: number,
): Deal[] {
  const buyers = accounts.filter((account) => account.type !== 'Reseller');
  return Array.from({ length: count }, () => {
    const account = desk.prng.pick(buyers);
    const closeDate = addDays(
      TODAY,
      desk.prng.chance(0.1) ? -desk.prng.int(1, 25) : desk.prng.int(3, 150),
    );
    const start = addMonths(`${closeDate.slice(0, 7)}-01`, 1);
    return createDeal(desk, {
      account,
      type: 'New Business',
      stage: desk.prng.pick(OPEN_STAGES),
      closeDate,
      lines: enquiryLines(desk, account, start),
    });
  });
}

/** Deals that were lost over the past two years. */
export function createLostDeals(
  desk: DealDesk,
  accounts: readonly CompanyAccount[],
  count: number,
): Deal[] {
  const buyers = accounts.filter((account) => account.type !== 'Reseller');
  return Array.from({ length: Math.max(0, count) }, () => {
    const account = desk.prng.pick(buyers);
    const closeDate = addDays(TODAY, -desk.prng.int(5, 660));
    return createDeal(desk, {
      account,
      type: 'New Business',
      stage: 'Closed Lost',
      closeDate,
      lines: enquiryLines(desk, account, addDays(closeDate, 14)),
    });
  });
}

function rehearsalLines(
  desk: DealDesk,
  account: CompanyAccount,
  owned: ReadonlySet<string>,
): DealLine[] {
  const { prng, catalogue } = desk;
  const fresh = catalogue.licensed.filter((product) => !owned.has(product.code));
  const licensed = prng.sample(fresh, prng.int(2, 3));
  const service = prng.sample(catalogue.services, 1);
  return [...licensed, ...service].map((product) =>
    createLine(desk, {
      product,
      quantity:
        product.metric === null ? 1 : product.rightsPerPack > 1 ? prng.int(2, 6) : prng.int(10, 40),
      // Begun yesterday: rights start as soon as the order is approved.
      start: addDays(TODAY, -1),
      months: product.metric === null ? 3 : 12,
      currency: account.currency,
      discount: prng.pick([0, 5, 10]),
    }),
  );
}

export interface RehearsalDeals {
  readonly toClose: Deal;
  readonly toReopen: Deal;
}

/**
 * Two deals on the point of closing, at customers of different selling subsidiaries that the ERP knows by their
 * CRM id, for products that the customer does not have yet.
 */
export function createRehearsalDeals(
  desk: DealDesk,
  accounts: readonly CompanyAccount[],
  deals: readonly Deal[],
): RehearsalDeals {
  const nearClose = (currency: CompanyAccount['currency']): Deal => {
    const candidates = accounts.filter(
      (account) =>
        account.type === 'Customer' && account.customerId !== null && account.currency === currency,
    );
    const account = desk.prng.pick(candidates);
    return createDeal(desk, {
      account,
      type: 'New Business',
      stage: 'Negotiation/Review',
      closeDate: TODAY,
      lines: rehearsalLines(desk, account, productsOf(deals, account)),
    });
  };
  const toClose = nearClose('USD');
  const toReopen = nearClose('EUR');
  if (toClose.lines.length < 3 || toReopen.lines.length < 3) {
    throw new ValidationError(
      'The customer chosen for the rehearsal owns every product. Use another seed.',
    );
  }
  return { toClose, toReopen };
}
