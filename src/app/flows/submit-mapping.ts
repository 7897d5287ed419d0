import { appendAudit } from '../../audit/audit-log.ts';
import type { TenantTx } from '../../db/store.ts';
import { NotFoundError, StaleError } from '../../kernel/errors.ts';
import type { JsonObject } from '../../kernel/hash.ts';
import { openChange, type MappingChange } from '../../mapping/changes.ts';
import { requireSameBase } from '../../mapping/check-change.ts';
import { getDraft, lockDraft, setDraftState, type SeenDraft } from '../../mapping/drafts.ts';
import type { Mapping } from '../../mapping/language/parse-mapping.ts';
import { liveVersion, type MappingVersion } from '../../mapping/versions.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { impactOf } from '../impact-of-change.ts';
import { requireSound, requireTyped } from '../mapping-checks.ts';

/**
 * Asks for a draft to be put in effect: it must fit, its tests must pass, and it must be written over what is in effect
 * now. The draft is frozen with its hash; whoever changes it withdraws the request. Throws a ValidationError with
 * `details.problems`, StaleError, NotFoundError, or PreconditionFailed where the draft is not the one of `seen`.
 */
export function submitMapping(
  deps: Deps,
  caller: Caller,
  input: {
    readonly id: string;
    readonly note: string;
    readonly replay: boolean;
    /** The tag of the draft that the person looked at, where the caller says so. */
    readonly seen?: SeenDraft | undefined;
  },
): Promise<MappingChange> {
  const { id, note, replay, seen = null } = input;
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    await lockDraft(tx, id, seen);
    const draft = await getDraft(tx, id);
    if (draft.state === 'submitted')
      throw new StaleError(
        `The draft of "${id}" is submitted already. Change it to submit it anew.`,
      );
    const live = await liveVersion(tx, deps.mappings, id);
    requireSameBase({ mappingId: id, baseVersion: draft.baseVersion }, live?.version ?? null);
    const { mapping, checks } = requireSound(deps.mappings, draft.text, 'draft');
    const typed = await requireTyped(deps.mappings, tx, mapping);
    const change = await openChange(tx, {
      mappingId: id,
      kind: 'publish',
      draftRevision: draft.revision,
      baseVersion: draft.baseVersion,
      text: draft.text,
      document: mapping.document,
      hash: mapping.hash,
      editors: draft.editors,
      submittedBy: caller.personId,
      note,
      rolledBackTo: null,
      restore: false,
      replay,
      checks: [...checks, ...typed],
      impact: await impactIfAny(deps, tx, mapping, live),
    });
    await setDraftState(tx, id, 'submitted');
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'mapping.submitted',
      subject: { type: 'mapping', id },
      details: { change: change.id, revision: draft.revision, hash: change.hash },
    });
    return change;
  });
}

/** What would move, as it is kept with the approval; null where no connection is of the mapping's system. */
async function impactIfAny(
  deps: Pick<Deps, 'mappings' | 'clock'>,
  tx: TenantTx,
  draft: Mapping,
  live: MappingVersion | null,
): Promise<JsonObject | null> {
  const before =
    live === null ? null : { document: live.document, hash: live.hash, origin: live.origin };
  try {
    const impact = await impactOf(deps, tx, { draft, live: before });
    return JSON.parse(JSON.stringify(impact)) as JsonObject;
  } catch (error) {
    if (error instanceof NotFoundError) return null;
    throw error;
  }
}
