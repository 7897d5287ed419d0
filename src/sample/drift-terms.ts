import { addDays, addMonths } from '../kernel/dates.ts';
import type { PlantedDrift } from '../sdk/define-twin.ts';
import {
  createDeal,
  createLine,
  isWon,
  productsOf,
  quantityFor,
  type ContractTerm,
  type Deal,
  type DealDesk,
  type DealLine,
} from './deals.ts';
import { TODAY } from './instants.ts';

/** A second contract on what another contract of the same customer already covers. */
export interface OverlapCase {
  readonly first: Deal;
  readonly second: Deal;
  readonly planted: PlantedDrift;
}

/** The last contract of a customer on its products, with no add-on to it: one overlap gives one finding. */
function standsLast(deal: Deal, won: readonly Deal[]): boolean {
  const contract = deal.contract;
  if (contract === null || deal.type === 'Add-On' || deal.ramped) return false;
  const codes = new Set(deal.lines.map((line) => line.product.code));
  return !won.some((other) => {
    if (other === deal || other.account.id !== deal.account.id || other.contract === null)
      return false;
    const sharesProduct = other.lines.some((line) => codes.has(line.product.code));
    return sharesProduct && other.contract.start >= contract.start;
  });
}

function coveredLine(deal: Deal): DealLine | undefined {
  return deal.lines.find((line) => line.product.metric !== null);
}

/** The doubled product, and now and then one that the customer has nowhere else. */
function secondLines(
  desk: DealDesk,
  first: Deal,
  contract: ContractTerm,
  doubled: DealLine,
  deals: readonly Deal[],
): DealLine[] {
  const { prng, catalogue } = desk;
  const owned = productsOf(deals, first.account);
  const fresh = catalogue.licensed.filter((product) => !owned.has(product.code));
  const products = [doubled.product, ...prng.sample(fresh, prng.int(0, 1))];
  return products.map((product) =>
    createLine(desk, {
      product,
      quantity: quantityFor(prng, product),
      start: contract.start,
      months: contract.months,
      currency: first.currency,
      discount: prng.pick([0, 10]),
    }),
  );
}

function overlapWith(desk: DealDesk, first: Deal, deals: readonly Deal[]): OverlapCase[] {
  const { prng } = desk;
  const doubled = coveredLine(first);
  if (doubled === undefined || first.contract === null) return [];
  const start = addDays(addMonths(first.contract.start, prng.int(1, 3)), prng.int(0, 5));
  const contract = {
    contractId: desk.ids.salesforce('Contract'),
    account: first.account,
    start,
    months: 12,
  };
  const second = createDeal(desk, {
    account: first.account,
    type: 'New Business',
    stage: 'Closed Won',
    closeDate: addDays(start, -prng.int(1, 10)),
    lines: secondLines(desk, first, contract, doubled, deals),
    contract,
  });
  const planted = {
    kind: 'overlapping_terms',
    subject: { type: 'Contract', id: contract.contractId },
    sku: doubled.product.code,
    note: `The contract begins ${start}, while contract ${first.contract.contractId} covers the product until ${doubled.serviceTo}.`,
    since: start,
  };
  return [{ first, second, planted }];
}

/** Sells `count` customers a product a second time while their first term still runs. */
export function plantOverlaps(
  desk: DealDesk,
  deals: readonly Deal[],
  count: number,
  avoidAccounts: ReadonlySet<string>,
): OverlapCase[] {
  const won = deals.filter(isWon);
  const latestStart = addMonths(TODAY, -4);
  const seen = new Set(avoidAccounts);
  const candidates = desk.prng.shuffle(won).filter((deal) => {
    const contract = deal.contract;
    const fits =
      contract !== null &&
      contract.start < latestStart &&
      coveredLine(deal) !== undefined &&
      standsLast(deal, won);
    if (!fits || seen.has(deal.account.id)) return false;
    seen.add(deal.account.id);
    return true;
  });
  return candidates.slice(0, count).flatMap((deal) => overlapWith(desk, deal, deals));
}
