import { appendAudit } from '../audit/audit-log.ts';
import type { TenantTx } from '../db/store.ts';
import type { FieldConflict } from '../delivery/conflicts.ts';
import type { NamedRule } from '../delivery/three-way.ts';
import { getConnection } from '../intake/connections.ts';
import { allOutboundPlans } from '../mapping/active-plans.ts';
import type { ReadBackRecord } from '../sdk/write.ts';
import type { Deps } from './deps.ts';

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

/** When and by whom a record last changed, where the system says so. */
export function changeOf({ changedAt, changedBy }: ReadBackRecord): {
  readonly theirsAt: Date | null;
  readonly theirsBy: string | null;
} {
  const at = typeof changedAt === 'string' ? new Date(changedAt) : null;
  const isTime = at !== null && !Number.isNaN(at.getTime());
  return { theirsAt: isTime ? at : null, theirsBy: changedBy ?? null };
}

/** Puts what became of conflicts by itself into the audit. */
export async function tellConflicts(
  tx: TenantTx,
  action: 'conflict.opened' | 'conflict.vanished',
  conflicts: readonly FieldConflict[],
): Promise<void> {
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
  }
}
