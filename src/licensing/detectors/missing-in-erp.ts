import { addDays } from '../../kernel/dates.ts';
import { money } from '../../kernel/money.ts';
import { compare, parseDecimal, rational } from '../../kernel/rational.ts';
import type { Deal } from '../deals.ts';
import type { Detector } from './detector.ts';

/** How long the ERP may take to have the order of a won deal, in days. */
const GRACE_DAYS = 7;

function sellsSomething({ opportunity, lines }: Deal): boolean {
  const { amount } = opportunity.body;
  return (
    lines.length > 0 || (amount !== undefined && compare(parseDecimal(amount), rational(0n)) !== 0)
  );
}

/** A deal that was won a week or more ago and has no standing order in the ERP: nobody will invoice it. */
export const missingInErp: Detector = {
  kind: 'missing_in_erp',
  version: 1,
  severity: 'high',
  detect({ snapshot, deals }) {
    if (!deals.erpSpeaks) return [];
    const latest = addDays(snapshot.asOf, -GRACE_DAYS);
    return deals.won
      .filter((deal) => deal.orders.length === 0 && sellsSomething(deal))
      .filter(({ opportunity }) => opportunity.body.closeDate <= latest)
      .map(({ opportunity, lines }) => {
        const { amount, currency, closeDate } = opportunity.body;
        return {
          subject: { type: 'Opportunity', id: opportunity.externalRef },
          connection: opportunity.connection,
          sku: null,
          money: amount === undefined || currency === undefined ? null : money(amount, currency),
          evidence: [opportunity.factId, ...lines.map((each) => each.factId)],
          summary: `The deal was won on ${closeDate} and the ERP has no order for it. Enter the order, or reopen the deal.`,
        };
      });
  },
};
