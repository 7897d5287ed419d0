import { appendAudit } from '../../audit/audit-log.ts';
import type { TenantTx } from '../../db/store.ts';
import { countWrittenBy } from '../../delivery/undo-writes.ts';
import { StaleError } from '../../kernel/errors.ts';
import { compileAny } from '../../mapping/builtin.ts';
import { openChange, type MappingChange } from '../../mapping/changes.ts';
import { lockDraft, newestVersion } from '../../mapping/drafts.ts';
import { semanticDiff, type MappingDifference } from '../../mapping/semantic-diff.ts';
import { textUnder, versionOf, versionsOf, type MappingVersion } from '../../mapping/versions.ts';
import type { Caller } from '../../security/caller.ts';
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
}

interface Prepared {
  readonly live: MappingVersion;
  readonly wanted: MappingVersion;
  readonly content: CheckedContent;
  readonly text: string;
  readonly preview: RollBackPreview;
}

/** Counts what a roll back would change, and changes nothing: no vendor is called. Throws as {@link rollBackMapping}. */
export function previewRollBack(
  deps: Deps,
  caller: Caller,
  input: Pick<RollBack, 'id' | 'version'>,
): Promise<RollBackPreview> {
  return deps.store.readTenant(
    caller.tenantId,
    async (tx) => (await prepare(deps, tx, input)).preview,
  );
}

/**
 * Asks for the content of an earlier version to be put in effect again, as a new version. It takes the way of every
 * change: somebody else approves it, unless the company has decided otherwise. The request holds what it would change.
 * Throws NotFoundError for an unknown version, and StaleError where its content is in effect already or a roll back is
 * open.
 */
export function rollBackMapping(
  deps: Deps,
  caller: Caller,
  input: RollBack,
): Promise<{ readonly change: MappingChange; readonly preview: RollBackPreview }> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    await lockDraft(tx, input.id, null);
    const { live, wanted, content, text, preview } = await prepare(deps, tx, input);
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
      replay: true,
      checks: content.checks,
      impact: {
        rollBack: {
          undone: [...preview.undone],
          facts: preview.facts === null ? null : { ...preview.facts },
          records: preview.records === null ? null : { ...preview.records },
        },
      },
    });
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'mapping.roll-back-requested',
      subject: { type: 'mapping', id: input.id },
      details: { change: change.id, to: wanted.version, restore: input.restore },
    });
    return { change, preview };
  });
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
        ? await countWrittenBy(tx, { mappingId: id, versions: undone })
        : null,
  };
  return { live, wanted, content, text, preview };
}
