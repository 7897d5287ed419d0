import type { Opportunity } from '../canonical/opportunity.ts';
import type { Deal } from '../commerce/deals.ts';
import type { DealDraft } from '../commerce/draw-up-deal.ts';
import {
  LATE_DECISIONS,
  latenessOf,
  rightsInPlace,
  type LateDecision,
  type Lateness,
  type StandingRight,
} from '../commerce/late-deal.ts';
import type { CommerceSettings } from '../commerce/settings.ts';
import type { TenantTx } from '../db/store.ts';
import { isBegun, type PlanStatus } from '../delivery/plans.ts';
import { endInclusive } from '../kernel/dates.ts';
import type { Fact } from '../ledger/fact.ts';
import { factsOf } from '../ledger/facts.ts';
import type { Deps } from './deps.ts';

/** A right that stands already, with the number of the order that gave it. */
type StandingOrder = StandingRight & { readonly orderNumber?: string };

/** What a person is asked about a late deal. */
export interface LateReview {
  readonly standing: readonly StandingOrder[];
  readonly choices: readonly LateDecision[];
}

/** What is to be said of a deal that is late; nothing of one that is not. */
interface LateFindings {
  readonly late?: Lateness;
  readonly review?: LateReview;
}

interface Looked {
  readonly deal: Pick<Deal, 'wonAt' | 'firstPlannedOn'>;
  readonly basis: { readonly status: PlanStatus } | null;
  readonly draft: DealDraft;
  readonly opportunity: Fact<'opportunity'>;
}

/**
 * Whether a deal comes late, and which rights its customer holds already for what it sells. A deal that was applied is
 * the customer's own right by now: its edits are those of any deal, and policy may approve them.
 */
export async function lookAtLate(
  deps: Pick<Deps, 'clock'>,
  tx: TenantTx,
  { settings }: { readonly settings: CommerceSettings },
  { deal, basis, draft, opportunity }: Looked,
): Promise<LateFindings> {
  if (basis !== null && isBegun(basis)) return {};
  const today = deps.clock.today();
  const days = {
    wonOn: deal.wonAt.toISOString().slice(0, 10),
    closeDate: opportunity.body.closeDate,
    plannedOn: deal.firstPlannedOn ?? today,
  };
  const late = latenessOf(days, settings.lateAfterDays);
  if (late === null) return {};
  const standing = await standingOrders(tx, draft, opportunity.body, today);
  return standing.length === 0 ? { late } : { late, review: { standing, choices: LATE_DECISIONS } };
}

async function standingOrders(
  tx: TenantTx,
  draft: DealDraft,
  { accountRef = '' }: Opportunity,
  today: string,
): Promise<readonly StandingOrder[]> {
  const entitlements = await factsOf(tx, 'entitlement', { where: { ownerRef: accountRef } });
  const transactions: Fact<'entitlementTransaction'>[] = [];
  for (const { externalRef } of entitlements)
    transactions.push(
      ...(await factsOf(tx, 'entitlementTransaction', { where: { entitlementRef: externalRef } })),
    );
  const held = {
    entitlements: entitlements.map(({ body }) => body),
    transactions: transactions.map(({ body }) => body),
  };
  const rights = rightsInPlace(draft.entitlements, held, today);
  return Promise.all(rights.map((right) => withNumber(tx, right)));
}

async function withNumber(tx: TenantTx, right: StandingRight): Promise<StandingOrder> {
  const { orderConnection: connection, orderRef } = right;
  if (connection === undefined || orderRef === undefined) return right;
  const [order] = await factsOf(tx, 'order', { connection, refs: [orderRef] });
  return order === undefined ? right : { ...right, orderNumber: order.body.number };
}

/** The same in sentences, for whoever reads the plan. */
export function notesOf({ late, review }: LateFindings): readonly string[] {
  if (late === undefined) return [];
  const arrival = `Late: closed on ${late.since}, and planned first ${late.days} days after that.`;
  if (review === undefined) return [arrival];
  return [
    arrival,
    ...review.standing.map(noteOf),
    'Nothing is sent until you decide. additional: the customer bought these rights as well, and the plan is approved. renewal: what stands is this deal, and nothing is written. rejected: nothing shall come of this deal.',
  ];
}

function noteOf(right: StandingOrder): string {
  const until = right.to === undefined ? 'without an end' : `until ${endInclusive(right.to)}`;
  const name = right.orderNumber ?? right.orderRef ?? right.entitlementRef;
  const from = right.orderConnection === undefined ? '' : ` of ${right.orderConnection}`;
  return `The customer holds ${right.quantity} × ${right.skuCode} from ${right.from} ${until} by ${name}${from}.`;
}
