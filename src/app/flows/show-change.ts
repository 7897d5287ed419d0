import type { TenantTx } from '../../db/store.ts';
import { listPlans, type Plan } from '../../delivery/plans.ts';
import { restoreProgress, type RestoreProgress } from '../../delivery/restored-records.ts';
import {
  commentsOn,
  getChange,
  type ChangeComment,
  type MappingChange,
} from '../../mapping/changes.ts';
import { semanticDiff, type MappingDifference } from '../../mapping/semantic-diff.ts';
import { liveVersion, versionsOf } from '../../mapping/versions.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { cancellationSubject } from '../draw-up-cancellation.ts';

/** A request with what people said about it and what it would change. */
export interface ChangeDetail extends MappingChange {
  readonly comments: readonly ChangeComment[];
  /** Against the version that it was written over. */
  readonly differences: readonly MappingDifference[];
  /** How far a roll back has come with what it brings back; null for one that restores nothing. */
  readonly restored: RestoreProgress | null;
  /** The plan that offers for cancellation what the undone versions made; null while there is none. */
  readonly cancellation: Pick<Plan<unknown>, 'id' | 'hash' | 'status'> | null;
}

/** One request. Throws NotFoundError. */
export function showChange(deps: Deps, caller: Caller, id: string): Promise<ChangeDetail> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    const change = await getChange(tx, id);
    const all = await versionsOf(tx, deps.mappings, change.mappingId);
    const base =
      all.find(({ version }) => version === change.baseVersion) ??
      (change.baseVersion === null ? null : await liveVersion(tx, deps.mappings, change.mappingId));
    const isRestoring = change.outcome !== null;
    const plan = isRestoring ? await newestPlanOf(tx, cancellationSubject(id)) : null;
    return {
      ...change,
      restored: isRestoring ? await restoreProgress(tx, id) : null,
      cancellation: plan === null ? null : { id: plan.id, hash: plan.hash, status: plan.status },
      comments: await commentsOn(tx, id),
      differences: semanticDiff(base?.document ?? null, change.document),
    };
  });
}

async function newestPlanOf(tx: TenantTx, subject: string): Promise<Plan<unknown> | null> {
  const [plan] = await listPlans(tx, { subject, limit: 1 });
  return plan ?? null;
}
