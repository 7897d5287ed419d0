import { appendAudit } from '../audit/audit-log.ts';
import type { TenantTx } from '../db/store.ts';
import { assignConflicts, type FieldConflict } from '../delivery/conflicts.ts';
import type { NamedRule } from '../delivery/three-way.ts';
import { getConnection } from '../intake/connections.ts';
import { allOutboundPlans } from '../mapping/active-plans.ts';
import { ALL_OF_TYPE, listStewardships } from '../mapping/stewards.ts';
import type { ReadBackRecord } from '../sdk/write.ts';
import type { Deps } from './deps.ts';
import { tell } from './tell.ts';

const ACTOR = 'system:deliver';

/** The rules of every mapping in effect that writes to a connection, by its id. */
export async function rulesOn(
  deps: Pick<Deps, 'mappings'>,
  tx: TenantTx,
  connection: string,
): Promise<ReadonlyMap<string, readonly NamedRule[]>> {
  const { connector } = await getConnection(tx, connection);
  const plans = await allOutboundPlans(tx, deps.mappings, { connector, connection });
  return new Map(plans.map((plan) => [plan.id, plan.rules]));
}

/** When and by whom the other side last changed a record. */
interface TheirChange {
  readonly theirsAt: Date | null;
  readonly theirsBy: string | null;
}

/** When and by whom a record last changed, where the system says so. */
export function changeOf({ changedAt, changedBy }: ReadBackRecord): TheirChange {
  const at = typeof changedAt === 'string' ? new Date(changedAt) : null;
  const isTime = at !== null && !Number.isNaN(at.getTime());
  return { theirsAt: isTime ? at : null, theirsBy: changedBy ?? null };
}

/**
 * {@link changeOf} for who decides which side is later. Where the last change is a status that we showed there at
 * `shownAt`, theirs came before it, and nobody knows when, unless even the status is older than `oursAt`. Pure.
 */
export function theirChange(
  record: ReadBackRecord,
  shownAt: Date | undefined,
  oursAt: Date,
): TheirChange {
  const change = changeOf(record);
  const { theirsAt } = change;
  const isOurs = theirsAt !== null && theirsAt.getTime() === shownAt?.getTime();
  return isOurs && theirsAt > oursAt ? { theirsAt: null, theirsBy: null } : change;
}

/** Whoever answers for the mapping of a conflict looks after it, else whoever answers for all mappings. */
async function giveToStewards(tx: TenantTx, conflicts: readonly FieldConflict[]): Promise<void> {
  if (conflicts.length === 0) return;
  const named = (await listStewardships(tx)).filter(({ type }) => type === 'mapping');
  const byMapping = new Map(named.map(({ id, personId }) => [id, personId]));
  const ownerOf = ({ mappingId }: FieldConflict): string | null =>
    byMapping.get(mappingId ?? ALL_OF_TYPE) ?? byMapping.get(ALL_OF_TYPE) ?? null;
  await assignConflicts(tx, conflicts.map((each) => ({ id: each.id, owner: ownerOf(each) }))); // prettier-ignore
}

/**
 * Puts what became of conflicts by itself into the audit, gives new ones to whoever looks after them, and tells webhooks of
 * those.
 */
export async function tellConflicts(
  tx: TenantTx,
  action: 'conflict.opened' | 'conflict.vanished',
  conflicts: readonly FieldConflict[],
): Promise<void> {
  if (action === 'conflict.opened') await giveToStewards(tx, conflicts);
  for (const { id, connection, object, canonicalId, field, rule, reason } of conflicts) {
    await appendAudit(tx, {
      actor: ACTOR,
      action,
      subject: { type: 'conflict', id },
      details: {
        connection,
        object,
        canonicalId,
        field,
        rule,
        ...(reason === null ? {} : { reason }),
      },
    });
    if (action !== 'conflict.opened') continue;
    await tell(tx, {
      type: action,
      subject: `conflict:${id}`,
      data: { conflictId: id, connection, object, field },
    });
  }
}
