import { appendAudit } from '../../audit/audit-log.ts';
import type { TenantTx } from '../../db/store.ts';
import { countRestorable } from '../../delivery/undo-writes.ts';
import { StaleError } from '../../kernel/errors.ts';
import type { JsonObject } from '../../kernel/hash.ts';
import { compileAny } from '../../mapping/builtin.ts';
import { openChange, type MappingChange } from '../../mapping/changes.ts';
import { lockDraft, newestVersion } from '../../mapping/drafts.ts';
import { semanticDiff, type MappingDifference } from '../../mapping/semantic-diff.ts';
import { textUnder, versionOf, versionsOf, type MappingVersion } from '../../mapping/versions.ts';
import type { Caller } from '../../security/caller.ts';
import { changesSince, type ChangesSince } from '../changed-since.ts';
import { countRemap, type RemapCount } from '../count-remap.ts';
import type { Deps } from '../deps.ts';
import { requireSound, type CheckedContent } from '../mapping-checks.ts';
import { undoneVersions } from '../undone-versions.ts';

export interface RollBack {
  readonly id: string;
  /** The version whose content comes back. */
  readonly version: number;
  /** Bring back what the versions since wrote in connected systems. */
  readonly restore: boolean;
  /** Bring back also what somebody else changed since. */
  readonly overwrite?: boolean;
  readonly note: string;
}

/** What a roll back would do. */
export interface RollBackPreview {
  readonly id: string;
  readonly from: number;
  readonly to: number;
  /** The versions that it undoes, newest first. */
  readonly undone: readonly number[];
  readonly differences: readonly MappingDifference[];
  /** What mapping the landed records again would change; null for an outbound mapping. */
  readonly facts: RemapCount | null;
  /** Records of connected systems that the undone versions wrote; null for an inbound mapping. */
  readonly records: {
    readonly changed: number;
    readonly created: number;
    readonly unknown: number;
  } | null;
  /** What somebody else changed since in those records; null for an inbound mapping. */
  readonly changedSince: ChangesSince | null;
}

interface Prepared {
  readonly live: MappingVersion;
  readonly wanted: MappingVersion;
  readonly content: CheckedContent;
  readonly text: string;
  readonly preview: RollBackPreview;
}

/**
 * Counts what a roll back would change, and changes nothing. What the connected systems hold now is asked for, so that
 * it tells what somebody changed since. Throws as {@link rollBackMapping}.
 */
export async function previewRollBack(
  deps: Deps,
  caller: Caller,
  input: Pick<RollBack, 'id' | 'version'>,
): Promise<RollBackPreview> {
  const { tenantId } = caller;
  const { preview } = await deps.store.readTenant(tenantId, (tx) => prepare(deps, tx, input));
  if (preview.records === null) return preview;
  const versions = { mappingId: input.id, versions: preview.undone };
  return { ...preview, changedSince: await changesSince(deps, tenantId, versions) };
}

/**
 * Asks for the content of an earlier version to be put in effect again, as a new version. It takes the way of every
 * change: somebody else approves it, unless the company has decided otherwise. The request holds what it would change,
 * and with `restore` what somebody changed since, which is kept unless `overwrite`.
 * Throws NotFoundError for an unknown version, and StaleError where its content is in effect already or a roll back is
 * open.
 */
export async function rollBackMapping(
  deps: Deps,
  caller: Caller,
  input: RollBack,
): Promise<{ readonly change: MappingChange; readonly preview: RollBackPreview }> {
  const seen = input.restore ? await previewRollBack(deps, caller, input) : null;
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    await lockDraft(tx, input.id, null);
    const { live, wanted, content, text, ...prepared } = await prepare(deps, tx, input);
    const preview = { ...prepared.preview, changedSince: seen?.changedSince ?? null };
    const change = await openChange(tx, {
      mappingId: input.id,
      kind: 'rollback',
      draftRevision: null,
      baseVersion: live.version,
      text,
      document: content.mapping.document,
      hash: content.mapping.hash,
      editors: [caller.personId],
      submittedBy: caller.personId,
      note: input.note,
      rolledBackTo: wanted.version,
      restore: input.restore,
      overwrite: input.overwrite ?? false,
      replay: true,
      checks: content.checks,
      impact: { rollBack: impactOf(preview) },
    });
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'mapping.roll-back-requested',
      subject: { type: 'mapping', id: input.id },
      details: {
        change: change.id,
        to: wanted.version,
        restore: input.restore,
        overwrite: input.overwrite ?? false,
      },
    });
    return { change, preview };
  });
}

/** What an approver sees of it later. */
function impactOf({ undone, facts, records, changedSince }: RollBackPreview): JsonObject {
  return {
    undone: [...undone],
    facts: facts === null ? null : { ...facts },
    records: records === null ? null : { ...records },
    changedSince:
      changedSince === null
        ? null
        : {
            ...changedSince,
            first: changedSince.first.map((each) => ({ ...each })),
            notes: [...changedSince.notes],
          },
  };
}

async function prepare(
  deps: Deps,
  tx: TenantTx,
  { id, version }: Pick<RollBack, 'id' | 'version'>,
): Promise<Prepared> {
  const { mappings } = deps;
  const wanted = await versionOf(tx, mappings, id, version);
  const versions = await versionsOf(tx, mappings, id);
  const live = versions.find(({ inEffect }) => inEffect);
  if (live === undefined) throw new StaleError(`Nothing is in effect under "${id}".`);
  const differences = semanticDiff(live.document, wanted.document);
  if (differences.length === 0) {
    throw new StaleError(`What version ${version} of "${id}" says is in effect already.`);
  }
  const text = textUnder(wanted, (await newestVersion(tx, mappings, id)) + 1);
  const content = requireSound(mappings, text, `version ${version}`);
  const plan = compileAny(content.mapping, mappings.steps);
  const undone = undoneVersions(versions, wanted);
  const preview = {
    id,
    from: live.version,
    to: version,
    undone,
    differences,
    facts: plan.kind === 'inbound' ? await countRemap(deps, tx, plan) : null,
    records:
      plan.kind === 'outbound'
        ? await countRestorable(tx, { mappingId: id, versions: undone })
        : null,
    changedSince: null,
  };
  return { live, wanted, content, text, preview };
}
