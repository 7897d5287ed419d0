import { appendAudit } from '../audit/audit-log.ts';
import type { TenantTx } from '../db/store.ts';
import { isLive, listConnections } from '../intake/connections.ts';
import { openReplay } from '../intake/replays.ts';
import { NotFoundError } from '../kernel/errors.ts';
import { directionOf, isProblem } from '../mapping/language/direction.ts';
import { liveVersion } from '../mapping/versions.ts';
import type { Deps } from './deps.ts';
import { mapWork, request } from './request.ts';

/** One run that maps landed records of one connection again. */
export interface StartedReplay {
  readonly runId: string;
  readonly connection: string;
  readonly stream: string;
  readonly records: number;
}

/** What turns documents of ours into records of other systems, and looks at all of them when it runs. */
export const WRITERS = ['sync-entitlements', 'sync-renewals', 'sync-reconciliation'] as const;

/**
 * Asks for everything that a mapping makes to be made again with what is in effect: landed records are mapped again
 * without a call to their system, one run a connection; for an outbound mapping the documents that it writes are looked at
 * again. Throws NotFoundError where nothing is in effect under the id.
 */
export async function remapAll(
  deps: Pick<Deps, 'mappings' | 'queue'>,
  tx: TenantTx,
  input: {
    readonly mappingId: string;
    readonly scope: 'all' | 'failed';
    readonly actor: string;
  },
): Promise<readonly StartedReplay[]> {
  const { mappingId, scope, actor } = input;
  const live = await liveVersion(tx, deps.mappings, mappingId);
  if (live === null) throw new NotFoundError(`Nothing is in effect under "${mappingId}".`);
  const direction = directionOf(live.document);
  if (isProblem(direction) || direction.kind === 'outbound') {
    await request(
      deps,
      tx,
      WRITERS.map((job) => ({ job, key: '', payload: {} })),
    );
    return [];
  }
  const started: StartedReplay[] = [];
  for (const connection of await listConnections(tx)) {
    const reads = [connection.id, connection.connector].includes(direction.connection);
    if (!reads || !isLive(connection)) continue;
    const place = { connection: connection.id, stream: direction.stream };
    const version = { mappingId, mappingVersion: live.version };
    const replay = await openReplay(tx, { ...place, ...version, scope, requestedBy: actor });
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
      details: { run: runId, ...place, version: live.version, scope, records },
    });
    started.push({ runId, ...place, records });
  }
  return started;
}
