import { isWon, type Deal, type DealDesk, type DealLine } from './deals.ts';

/** How many deals carry a price that the ERP keeps at fewer decimals than the CRM. */
const DEALS_WITH_THIRDS = 8;

function inThirds(desk: DealDesk, line: DealLine): DealLine {
  return { ...line, quantity: '3', unitPrice: `${desk.prng.int(40, 900)}.3333` };
}

/** True if the ERP, which keeps rates at the currency's exponent, cannot hold the price as the CRM does. */
export function isRoundedByErp(line: DealLine): boolean {
  return /\.\d{3,}$/.test(line.unitPrice);
}

/**
 * Gives some won deals a line of three units at a price in thirds. The ERP cuts the rate to cents, so the line
 * amounts differ by exactly one minor unit: a difference of rounding, no drift.
 */
export function withThirds(desk: DealDesk, deals: readonly Deal[]): Deal[] {
  const candidates = deals.filter(
    (deal) =>
      isWon(deal) &&
      deal.currency !== 'JPY' &&
      !deal.ramped &&
      deal.lines[0]?.product.metric !== null,
  );
  const chosen = new Set(desk.prng.sample(candidates, DEALS_WITH_THIRDS));
  return deals.map((deal) => {
    const [first, ...rest] = deal.lines;
    if (!chosen.has(deal) || first === undefined) return deal;
    return { ...deal, lines: [inThirds(desk, first), ...rest] };
  });
}
