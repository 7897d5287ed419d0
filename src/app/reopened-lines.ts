import { reopenedAmong } from '../commerce/deals.ts';
import { entitlementRefOf, type RightsOrder } from '../commerce/rights-from-orders.ts';
import type { TenantTx } from '../db/store.ts';
import { reopeningsOf, reversalsOf, type Reopening } from '../delivery/plans-in-effect.ts';
import type { PlanBody } from './deal-planning.ts';

/**
 * Reopening a deal, or taking its plan back, reverses its rights at once, before the ERP shows the closed lines: until the close was seen there,
 * whatever the ERP says of these lines, and afterwards what it last said before. What it says from then on counts
 * again. Which lines were reversed stands in the plan that was applied, so no order of writers can lose it.
 */
export async function withReversals(
  tx: TenantTx,
  sources: readonly RightsOrder[],
): Promise<readonly RightsOrder[]> {
  const dealIds = sources.flatMap(({ dealId }) => (dealId === null ? [] : [dealId]));
  const reopenings = await reopeningsOf<PlanBody>(tx, await reopenedAmong(tx, dealIds));
  const reversals = await reversalsOf<PlanBody>(tx, [...new Set(dealIds)]);
  const byDeal = new Map([...reversals, ...reopenings].map((each) => [each.subject, each]));
  return sources.map((source) => {
    const reopening = byDeal.get(source.dealId ?? '');
    return reopening === undefined ? source : reversedIn(source, reopening);
  });
}

function reversedIn(source: RightsOrder, { body, settledAt }: Reopening<PlanBody>): RightsOrder {
  const reversed = new Set(body.entitlements.filter(({ status }) => status === 'reversed').map(({ externalRef }) => externalRef)); // prettier-ignore
  const since = settledAt?.toISOString() ?? null;
  const isNews = (recordedFrom: string): boolean => since !== null && recordedFrom > since;
  return {
    ...source,
    lines: source.lines.map((line) => {
      if (!reversed.has(entitlementRefOf(source, line))) return line;
      if (isNews(line.recordedFrom) || isNews(source.order.recordedFrom)) return line;
      return { ...line, body: { ...line.body, closed: true } };
    }),
  };
}
