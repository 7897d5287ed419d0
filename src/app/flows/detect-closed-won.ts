import { appendAudit } from '../../audit/audit-log.ts';
import { policyApproves } from '../../commerce/approval-policy.ts';
import { dealOccurrences } from '../../commerce/deal-occurrences.ts';
import { cutOverOf, saveOccurrences, wonDeals, type Deal } from '../../commerce/deals.ts';
import type { TenantTx } from '../../db/store.ts';
import { latestPlanOf, savePlan, supersedeOpenPlans, type Plan } from '../../delivery/plans.ts';
import { firstCertifiedUpTo } from '../../intake/checkpoints.ts';
import { listConnections, type Connection } from '../../intake/connections.ts';
import { hasUnmappedPages } from '../../intake/pages.ts';
import { recordsOfOpenRuns } from '../../intake/unfinished.ts';
import { factsOf } from '../../ledger/facts.ts';
import type { JobContext } from '../../sdk/flows.ts';
import { commerceSettings } from '../commerce-settings.ts';
import {
  loadDealWorld,
  planDeal,
  planHash,
  type DealWorld,
  type PlanBody,
} from '../deal-planning.ts';
import type { Deps } from '../deps.ts';
import { streamsGiving } from '../inbound-streams.ts';
import { planReopen } from '../reopen-planning.ts';
import { request } from '../request.ts';

const ACTOR = 'system:detect-closed-won';
const UNDER_WAY = ['applying', 'applied'] as const;

/**
 * Makes each closed-won fire once: it keeps the occurrences found in the stage history, plans the deals that are won
 * and not yet applied as they are now, and plans the reversal of those that left their won stage. Idempotent: run
 * again over the same facts it changes nothing.
 */
export async function detectClosedWon(deps: Deps, context: JobContext): Promise<void> {
  await deps.store.withTenant(context.tenantId, async (tx) => {
    await context.hold(tx);
    for (const connection of await listConnections(tx)) {
      if (connection.role !== 'crm') continue;
      const history = await knownHistory(deps, tx, connection);
      if (history !== null) await detectIn(deps, tx, connection.id, history);
    }
  });
}

/** The stage history as far as it can be acted on. */
interface History {
  /** Where its first certified read ended, by the source's clock. */
  readonly firstRead: string;
  /** Steps of runs that still read the deals or their lines: such a deal is not planned from halves. */
  readonly tooEarly: ReadonlySet<string>;
}

/** Null while the history was never certified or a page waits for mapping. */
async function knownHistory(
  deps: Deps,
  tx: TenantTx,
  connection: Connection,
): Promise<History | null> {
  if (await hasUnmappedPages(tx, connection.id)) return null;
  const [stream] = await streamsGiving(deps, tx, connection, ['stageTransition']);
  const firstRead =
    stream === undefined ? null : await firstCertifiedUpTo(tx, connection.id, stream);
  if (stream === undefined || firstRead === null) return null;
  const parts = await streamsGiving(deps, tx, connection, ['opportunity', 'opportunityLine']);
  return {
    firstRead,
    tooEarly: await recordsOfOpenRuns(tx, { connection: connection.id, stream }, parts),
  };
}

async function detectIn(
  deps: Deps,
  tx: TenantTx,
  connection: string,
  history: History,
): Promise<void> {
  const stages = await factsOf(tx, 'opportunityStage', { connection });
  const wonStages = new Set(
    stages.filter((stage) => stage.body.isWon).map((stage) => stage.body.stageName),
  );
  const all = await factsOf(tx, 'stageTransition', { connection });
  const transitions = all.filter((fact) => !history.tooEarly.has(fact.lineage?.recordId ?? ''));
  const byDeal = Map.groupBy(transitions, (fact) => fact.body.opportunityRef);
  const found = [...byDeal.values()].flatMap((facts) =>
    dealOccurrences(
      facts.map((fact) => fact.body),
      wonStages,
    ),
  );
  const cutOver = await cutOverOf(tx, connection, history.firstRead);
  const { won, reopened } = await saveOccurrences(tx, connection, cutOver, found);
  for (const deal of won) {
    await appendAudit(tx, {
      actor: ACTOR,
      action: 'deal.won',
      subject: { type: 'deal', id: deal.id },
      details: { opportunity: deal.opportunityRef },
    });
  }
  const open = await wonDeals(tx, connection);
  if (open.length === 0 && reopened.length === 0) return;
  const world = await loadDealWorld(tx, connection, await commerceSettings(tx));
  for (const deal of open) await planWon(deps, tx, world, deal);
  for (const deal of reopened) await planReopened(deps, tx, world, deal);
}

async function planWon(deps: Deps, tx: TenantTx, world: DealWorld, deal: Deal): Promise<void> {
  const body = await planDeal(deps, tx, world, deal);
  if (body === null) return;
  const basis = await latestPlanOf<PlanBody>(tx, deal.id, UNDER_WAY);
  if (basis?.body.contentHash === body.contentHash) return;
  const { plan, isNew } = await savePlan<PlanBody>(tx, {
    kind: 'closed_won',
    subject: deal.id,
    hash: planHash(body, basis?.id ?? null),
    body,
    blocked: body.problems.length > 0,
    approvedByPolicy: policyApproves(body.total, world.settings),
  });
  if (isNew) await announce(tx, plan);
  if (plan.status === 'approved') await requestApply(deps, tx, plan.id);
}

async function planReopened(deps: Deps, tx: TenantTx, world: DealWorld, deal: Deal): Promise<void> {
  await appendAudit(tx, {
    actor: ACTOR,
    action: 'deal.reopened',
    subject: { type: 'deal', id: deal.id },
  });
  await supersedeOpenPlans(tx, deal.id);
  const applied = await latestPlanOf<PlanBody>(tx, deal.id, UNDER_WAY);
  const reopen = applied === null ? null : await planReopen(deps, tx, world, deal, applied.body);
  if (reopen === null || applied === null) return;
  const { plan, isNew } = await savePlan<PlanBody>(tx, {
    kind: 'reopen',
    subject: deal.id,
    hash: planHash(reopen.body, applied.id),
    body: reopen.body,
    blocked: reopen.body.problems.length > 0,
    approvedByPolicy: !reopen.billed,
  });
  if (isNew) await announce(tx, plan);
  if (plan.status === 'approved') await requestApply(deps, tx, plan.id);
}

function announce(tx: TenantTx, plan: Plan<PlanBody>): Promise<void> {
  return appendAudit(tx, {
    actor: ACTOR,
    action: 'plan.created',
    subject: { type: 'plan', id: plan.id },
    details: { kind: plan.kind, deal: plan.subject, hash: plan.hash, status: plan.status },
  });
}

function requestApply(deps: Deps, tx: TenantTx, planId: string): Promise<void> {
  return request(deps, tx, [{ job: 'apply-plan', key: planId, payload: { planId } }]);
}
