import { appendAudit } from '../audit/audit-log.ts';
import type { TenantTx } from '../db/store.ts';
import { isLive, listConnections } from '../intake/connections.ts';
import { lockReplays, openReplay, replayUnderWay } from '../intake/replays.ts';
import { NotFoundError } from '../kernel/errors.ts';
import { directionOf, isProblem } from '../mapping/language/direction.ts';
import { liveVersion } from '../mapping/versions.ts';
import type { Deps } from './deps.ts';
import { outboundDocuments } from './outbound-documents.ts';
import { mapWork, request } from './request.ts';

/** One run that maps landed records of one connection again. */
export interface StartedReplay {
  readonly runId: string;
  readonly connection: string;
  readonly stream: string;
  readonly records: number;
  /** True where somebody asked for the same before and it is still under way: this is that one. */
  readonly underWay: boolean;
}

/** What came of asking for a replay. */
export interface Remapped {
  readonly replays: readonly StartedReplay[];
  /** Documents of ours that are looked at again, for an outbound mapping; null for an inbound one. */
  readonly documents: number | null;
}

/** What turns documents of ours into records of other systems, and looks at all of them when it runs. */
export const WRITERS = ['sync-entitlements', 'sync-renewals', 'sync-reconciliation'] as const;

/**
 * Asks for everything that a mapping makes to be made again with what is in effect: landed records are mapped again
 * without a call to their system, one run a connection; for an outbound mapping the documents that it writes are looked at
 * again, and what they give anew is written. Asked twice at once, it is done once. Throws NotFoundError where nothing is in
 * effect under the id.
 */
export async function remapAll(
  deps: Pick<Deps, 'mappings' | 'queue' | 'clock'>,
  tx: TenantTx,
  input: {
    readonly mappingId: string;
    readonly scope: 'all' | 'failed' | 'cause';
    readonly cause?: string | null;
    readonly actor: string;
  },
): Promise<Remapped> {
  const { mappingId, scope, cause = null, actor } = input;
  await lockReplays(tx, mappingId);
  const live = await liveVersion(tx, deps.mappings, mappingId);
  if (live === null) throw new NotFoundError(`Nothing is in effect under "${mappingId}".`);
  const direction = directionOf(live.document);
  if (isProblem(direction) || direction.kind === 'outbound') {
    await request(
      deps,
      tx,
      WRITERS.map((job) => ({ job, key: '', payload: {} })),
    );
    const documents = isProblem(direction)
      ? []
      : await outboundDocuments(deps, tx, direction.document, direction.connection);
    return { replays: [], documents: documents.length };
  }
  const started: StartedReplay[] = [];
  for (const connection of await listConnections(tx)) {
    const reads = [connection.id, connection.connector].includes(direction.connection);
    if (!reads || !isLive(connection)) continue;
    const place = { connection: connection.id, stream: direction.stream };
    const version = { mappingId, mappingVersion: live.version };
    const underWay = await replayUnderWay(tx, { ...place, ...version, scope, cause });
    if (underWay !== null) {
      started.push({ ...underWay, ...place, underWay: true });
      continue;
    }
    const replay = await openReplay(tx, { ...place, ...version, scope, cause, requestedBy: actor });
    if (replay === null) continue;
    await request(
      deps,
      tx,
      replay.pages.map((page) => mapWork(page.runId, page.stream, page.pageNumber)),
    );
    const { runId, records } = replay;
    await appendAudit(tx, {
      actor,
      action: 'mapping.replayed',
      subject: { type: 'mapping', id: mappingId },
      details: { run: runId, ...place, version: live.version, scope, cause, records },
    });
    started.push({ runId, ...place, records, underWay: false });
  }
  return { replays: started, documents: null };
}
