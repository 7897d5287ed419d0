import { appendAudit } from '../audit/audit-log.ts';
import type { TenantTx } from '../db/store.ts';
import { moveChange, type MappingChange } from '../mapping/changes.ts';
import { requireSameBase, requireSecondPerson } from '../mapping/check-change.ts';
import { newestVersion, removeDraft } from '../mapping/drafts.ts';
import { numberedText } from '../mapping/numbered-text.ts';
import { publishMapping } from '../mapping/publish.ts';
import { versionsOf } from '../mapping/versions.ts';
import { companySetting } from './company-settings.ts';
import type { Deps } from './deps.ts';
import { endOutdatedPauses } from './paused-pages.ts';
import { remapAll } from './remap-records.ts';
import { restoreRecords } from './restore-records.ts';
import { tell } from './tell.ts';
import { undoneVersions } from './undone-versions.ts';

/** What came of putting a request in effect. */
export interface Publication {
  readonly change: MappingChange;
  /** The runs that map landed records again, one a connection. */
  readonly replays: readonly string[];
  /** Records of connected systems that are brought back to what they were; 0 where nobody asked for it. */
  readonly restored: number;
}

/**
 * Puts an approved content in effect, in the caller's transaction, which holds the mapping locked: the version, the end
 * of its draft, the replay of landed records and, for a rollback that asks for it, the restoring of what the versions
 * since wrote. Throws StaleError where another version came into effect since the content was written, or where who
 * approved it had a hand in it and two persons are asked for by now.
 */
export async function publishChange(
  deps: Pick<Deps, 'mappings' | 'queue' | 'clock'>,
  tx: TenantTx,
  change: MappingChange,
  actor: { readonly actor: string; readonly personId: string },
): Promise<Publication> {
  const { mappings } = deps;
  const { mappingId } = change;
  const versions = await versionsOf(tx, mappings, mappingId);
  const live = versions.find(({ inEffect }) => inEffect) ?? null;
  requireSameBase(change, live?.version ?? null);
  requireSecondPerson(change, (await companySetting(tx, 'mappings')).secondPerson);
  const number = (await newestVersion(tx, mappings, mappingId)) + 1;
  const { version } = await publishMapping(tx, mappings, {
    text: numberedText(change.text, Math.max(number, change.document.version)),
    person: change.submittedBy,
    changeId: change.id,
    note: change.note,
    rolledBackTo: change.rolledBackTo,
  });
  const moved = await moveChange(tx, change.id, { state: 'published', publishedVersion: version });
  if (change.kind === 'publish') await removeDraft(tx, mappingId);
  await appendAudit(tx, {
    actor: actor.actor,
    action: change.kind === 'publish' ? 'mapping.published' : 'mapping.rolled-back',
    subject: { type: 'mapping', id: mappingId },
    details: {
      change: change.id,
      version,
      hash: change.hash,
      before: live?.version ?? null,
      rolledBackTo: change.rolledBackTo,
    },
  });
  await tell(tx, {
    type: 'mapping.published',
    subject: `mapping:${mappingId}`,
    data: { mappingId, version, changeId: change.id },
  });
  await endOutdatedPauses(deps, tx, { mappingId, version });
  const replays = change.replay
    ? (await remapAll(deps, tx, { mappingId, scope: 'all', actor: actor.actor })).replays
    : [];
  const undone = undoneVersions(versions, change);
  const outcome = change.restore
    ? await restoreRecords(deps, tx, { change: moved, undone, actor: actor.actor })
    : null;
  return {
    change: { ...moved, outcome },
    replays: replays.map(({ runId }) => runId),
    restored: outcome?.restored ?? 0,
  };
}
