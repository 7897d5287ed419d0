import { addDays, addMonths, type LocalDate } from '../kernel/dates.ts';
import type { CompanyAccount } from './accounts.ts';
import {
  countNear,
  createDeal,
  createLine,
  quantityFor,
  renewedLine,
  type ContractTerm,
  type Deal,
  type DealDesk,
  type DealLine,
} from './deals.ts';
import { TODAY } from './instants.ts';
import type { Product } from './products.ts';

/** What one customer buys together and renews together. Two tracks of a customer share no product. */
interface Track {
  readonly account: CompanyAccount;
  readonly products: readonly Product[];
  readonly service: Product | null;
  readonly start: LocalDate;
  readonly months: number;
}

const SALES_HISTORY_FROM = '2024-03-01';
/** Terms that begin up to this day may already be signed. */
const SIGNED_AHEAD_UNTIL = addDays(TODAY, 45);

/** One or two tracks a customer, begun over the two years before today. */
function tracksOf(desk: DealDesk, account: CompanyAccount): Track[] {
  const { prng, catalogue } = desk;
  const products = prng.shuffle(catalogue.licensed);
  const services = prng.shuffle(catalogue.services);
  const widths = prng.chance(0.8) ? [prng.int(1, 4), prng.int(1, 3)] : [prng.int(2, 4)];
  let taken = 0;
  return widths.map((width, at) => {
    const own = products.slice(taken, taken + width);
    taken += width;
    const month = addMonths(SALES_HISTORY_FROM, prng.int(0, 23));
    return {
      account,
      products: own,
      service: prng.chance(0.5) ? (services[at] ?? null) : null,
      // Most terms begin with a month, the others on some day that every month has.
      start: prng.chance(0.7) ? month : addDays(month, prng.int(1, 27)),
      months: prng.pick([12, 12, 12, 12, 12, 24, 24, 36]),
    };
  });
}

function contractFor(desk: DealDesk, track: Track, start: LocalDate): ContractTerm {
  return {
    contractId: desk.ids.salesforce('Contract'),
    account: track.account,
    start,
    months: track.months,
  };
}

/** Ramped products have a line for each year, one year after the other, each larger than the last. */
function firstLines(desk: DealDesk, track: Track, ramped: boolean): DealLine[] {
  const { prng } = desk;
  const currency = track.account.currency;
  const lines = track.products.flatMap((product, at) => {
    const wish = {
      product,
      quantity: quantityFor(prng, product),
      currency,
      discount: prng.pick([0, 5, 10, 15, 20]),
    };
    if (!ramped || at > 0)
      return [createLine(desk, { ...wish, start: track.start, months: track.months })];
    const years = Array.from({ length: track.months / 12 }, (_, year) => year);
    return years.map((year) =>
      createLine(desk, {
        ...wish,
        quantity: wish.quantity * (year + 1),
        start: addMonths(track.start, 12 * year),
        months: 12,
      }),
    );
  });
  if (track.service === null) return lines;
  const service = {
    product: track.service,
    quantity: quantityFor(prng, track.service),
    currency,
    discount: 0,
  };
  return [...lines, createLine(desk, { ...service, start: track.start, months: 3 })];
}

function firstDeal(desk: DealDesk, track: Track): Deal {
  const ramped = track.months > 12 && desk.prng.chance(0.3);
  return createDeal(desk, {
    account: track.account,
    type: 'New Business',
    stage: 'Closed Won',
    closeDate: addDays(track.start, -desk.prng.int(3, 30)),
    lines: firstLines(desk, track, ramped),
    contract: contractFor(desk, track, track.start),
    ramped,
  });
}

/** More of what the customer has, under the same contract and ending with it. */
function addOnTo(desk: DealDesk, base: Deal): Deal[] {
  const { prng } = desk;
  const contract = base.contract;
  if (contract === null || base.ramped || !prng.chance(0.28)) return [];
  const after = prng.int(2, contract.months - 2);
  const start = addMonths(contract.start, after);
  const closeDate = addDays(start, -prng.int(2, 15));
  if (closeDate >= TODAY) return [];
  const licensed = base.lines.filter((line) => line.product.metric !== null);
  const lines = prng.sample(licensed, prng.int(1, 2)).map((line) =>
    createLine(desk, {
      product: line.product,
      quantity: countNear(line.quantity, prng.int(12, 33)),
      start,
      months: contract.months - after,
      currency: base.currency,
      discount: prng.pick([0, 5, 10]),
    }),
  );
  return [
    createDeal(desk, {
      account: base.account,
      type: 'Add-On',
      stage: 'Closed Won',
      closeDate,
      lines,
      contract,
    }),
  ];
}

/** What the customer renews: the last year of each product, less a line now and then. Services are not renewed. */
function renewalBase(desk: DealDesk, deal: Deal): DealLine[] {
  const lastDay = deal.lines
    .map((line) => line.serviceTo)
    .toSorted()
    .at(-1);
  const licensed = deal.lines.filter(
    (line) => line.product.metric !== null && line.serviceTo === lastDay,
  );
  return licensed.length > 2 && desk.prng.chance(0.2) ? licensed.slice(0, -1) : licensed;
}

/** The deal on the term that begins the day after the old one ends; none where that is not yet signed. */
function renewalOf(desk: DealDesk, track: Track, deal: Deal): Deal | null {
  const { prng } = desk;
  if (deal.contract === null) return null;
  const start = addMonths(deal.contract.start, deal.contract.months);
  if (start > SIGNED_AHEAD_UNTIL || (start > TODAY && prng.chance(0.6))) return null;
  const planned = addDays(start, -prng.int(2, 30));
  const closeDate = planned < TODAY ? planned : addDays(TODAY, -prng.int(2, 15));
  const lines = renewalBase(desk, deal).map((line) =>
    renewedLine(desk, line, track.months, deal.currency),
  );
  const won = prng.chance(0.87);
  return createDeal(desk, {
    account: deal.account,
    type: 'Renewal',
    stage: won ? 'Closed Won' : 'Closed Lost',
    closeDate,
    lines,
    ...(won ? { contract: contractFor(desk, track, start) } : {}),
  });
}

function dealsOfTrack(desk: DealDesk, track: Track): Deal[] {
  const deals: Deal[] = [];
  let current: Deal | null = firstDeal(desk, track);
  while (current !== null) {
    deals.push(current);
    if (current.contract === null) break;
    deals.push(...addOnTo(desk, current));
    current = renewalOf(desk, track, current);
  }
  return deals;
}

/** Every first purchase, add-on and renewal of the customers, with the renewals that were lost. */
export function createCustomerDeals(desk: DealDesk, accounts: readonly CompanyAccount[]): Deal[] {
  return accounts
    .filter((account) => account.type === 'Customer')
    .flatMap((account) => tracksOf(desk, account))
    .flatMap((track) => dealsOfTrack(desk, track));
}
