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

/** A request with what people said about it and what it would change. */
export interface ChangeDetail extends MappingChange {
  readonly comments: readonly ChangeComment[];
  /** Against the version that it was written over. */
  readonly differences: readonly MappingDifference[];
}

/** One request. Throws NotFoundError. */
export function showChange(deps: Deps, caller: Caller, id: string): Promise<ChangeDetail> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    const change = await getChange(tx, id);
    const all = await versionsOf(tx, deps.mappings, change.mappingId);
    const base =
      all.find(({ version }) => version === change.baseVersion) ??
      (change.baseVersion === null ? null : await liveVersion(tx, deps.mappings, change.mappingId));
    return {
      ...change,
      comments: await commentsOn(tx, id),
      differences: semanticDiff(base?.document ?? null, change.document),
    };
  });
}
