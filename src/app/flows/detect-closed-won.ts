import { appendAudit } from '../../audit/audit-log.ts';
import { dealOccurrences, type DealOccurrence } from '../../commerce/deal-occurrences.ts';
import { cutOverOf, saveOccurrences } from '../../commerce/deals.ts';
import type { TenantTx } from '../../db/store.ts';
import { supersedeOpenPlans } from '../../delivery/move-plans.ts';
import { firstCertifiedUpTo } from '../../intake/checkpoints.ts';
import { isLive, listConnections, type Connection } from '../../intake/connections.ts';
import { hasUnmappedPages } from '../../intake/pages.ts';
import { recordsOfOpenRuns } from '../../intake/unfinished.ts';
import { factsOf } from '../../ledger/facts.ts';
import { opportunitiesOf } from '../../ledger/opportunity-facts.ts';
import type { JobContext } from '../../sdk/flows.ts';
import type { Deps } from '../deps.ts';
import { streamsGiving } from '../inbound-streams.ts';
import { DETECTION, planDeals } from '../plan-deals.ts';
import { request } from '../request.ts';
import { tell } from '../tell.ts';

/**
 * Makes each closed-won fire once: it keeps the occurrences found in the stage history, plans the deals that are won
 * and not yet applied as they are now, and plans the reversal of those that left their won stage. A deal is planned
 * from whole reads only; one that is being read waits for the end of that run, which asks for this again, and no other
 * deal waits with it. Idempotent: run again over the same facts it changes nothing.
 */
export async function detectClosedWon(deps: Deps, context: JobContext): Promise<void> {
  await deps.store.withTenant(context.tenantId, async (tx) => {
    await context.hold(tx);
    for (const connection of await listConnections(tx)) {
      if (connection.role !== 'crm' || !isLive(connection)) continue;
      const known = await readSoFar(deps, tx, connection);
      if (known !== null) await detectIn(deps, tx, connection.id, known);
    }
  });
}

/** What the CRM's connection was read to say, as far as it can be acted on. */
interface Known {
  /** Where the first certified read of the stage history ended, by the source's clock. */
  readonly firstRead: string;
  /** Steps of runs that still read the deals or their lines. */
  readonly tooEarly: ReadonlySet<string>;
  /** Opportunities of which such a run has landed something: the rest of it may not be here yet. */
  readonly beingRead: ReadonlySet<string>;
}

/** Null while the history was never certified or a page waits for mapping. */
async function readSoFar(deps: Deps, tx: TenantTx, connection: Connection): Promise<Known | null> {
  if (await hasUnmappedPages(tx, connection.id)) return null;
  const [stream] = await streamsGiving(deps, tx, connection, ['stageTransition']);
  const firstRead =
    stream === undefined ? null : await firstCertifiedUpTo(tx, connection.id, stream);
  if (stream === undefined || firstRead === null) return null;
  const parts = await streamsGiving(deps, tx, connection, ['opportunity', 'opportunityLine']);
  const recordsOf = (name: string): Promise<ReadonlySet<string>> =>
    recordsOfOpenRuns(tx, { connection: connection.id, stream: name }, parts);
  const beingRead = new Set<string>();
  for (const part of parts) {
    const place = { connection: connection.id, stream: part };
    for (const ref of await opportunitiesOf(tx, place, await recordsOf(part))) beingRead.add(ref);
  }
  return { firstRead, tooEarly: await recordsOf(stream), beingRead };
}

async function detectIn(deps: Deps, tx: TenantTx, connection: string, known: Known): Promise<void> {
  const found = await occurrencesIn(tx, connection, known.tooEarly);
  const cutOver = await cutOverOf(tx, connection, known.firstRead);
  const { won, reopened } = await saveOccurrences(tx, connection, cutOver, found);
  for (const deal of won) {
    await appendAudit(tx, {
      actor: DETECTION,
      action: 'deal.won',
      subject: { type: 'deal', id: deal.id },
      details: { opportunity: deal.opportunityRef },
    });
    await tell(tx, {
      type: 'opportunity.closed_won',
      subject: deal.id,
      data: { dealId: deal.id, connection, opportunityId: deal.opportunityRef },
    });
  }
  for (const deal of reopened) {
    await appendAudit(tx, {
      actor: DETECTION,
      action: 'deal.reopened',
      subject: { type: 'deal', id: deal.id },
    });
    await supersedeOpenPlans(tx, deal.id);
  }
  // Drafts of rights go with their deal; a reversal that was sent asks for it once more.
  if (reopened.length > 0)
    await request(deps, tx, [{ job: 'sync-entitlements', key: '', payload: {} }]);
  await planDeals(deps, tx, connection, (deal) => !known.beingRead.has(deal.opportunityRef));
}

async function occurrencesIn(
  tx: TenantTx,
  connection: string,
  tooEarly: ReadonlySet<string>,
): Promise<readonly DealOccurrence[]> {
  const stages = await factsOf(tx, 'opportunityStage', { connection });
  const wonStages = new Set(
    stages.filter((stage) => stage.body.isWon).map((stage) => stage.body.stageName),
  );
  const all = await factsOf(tx, 'stageTransition', { connection });
  const transitions = all.filter((fact) => !tooEarly.has(fact.lineage?.recordId ?? ''));
  const byDeal = Map.groupBy(transitions, (fact) => fact.body.opportunityRef);
  return [...byDeal.values()].flatMap((facts) =>
    dealOccurrences(
      facts.map((fact) => fact.body),
      wonStages,
    ),
  );
}
