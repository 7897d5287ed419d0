import type { TenantTx } from '../db/store.ts';
import { markMapped, openRetryPages, waitingPages } from '../intake/pages.ts';
import { getRun } from '../intake/runs.ts';
import { endPauses, listAllPauses, listPauses, pausedStreams } from '../mapping/paused-mappings.ts';
import type { Deps } from './deps.ts';
import { mapWork, request } from './request.ts';

/** True if the pages of this run's stream wait for a paused mapping. */
export async function isPaused(
  tx: TenantTx,
  { runId, stream }: { readonly runId: string; readonly stream: string },
): Promise<boolean> {
  const paused = await pausedStreams(tx);
  if (!paused.some((each) => each.stream === stream)) return false;
  const { connection } = await getRun(tx, runId);
  return paused.some((each) => each.stream === stream && each.connection === connection);
}

/**
 * The records to map again without those of streams that wait for a paused mapping. Those are put on waiting pages of
 * their own, so that they are mapped with all else that waits.
 */
export async function leavePaused<
  Dependent extends { readonly stream: string; readonly id: string },
>(
  tx: TenantTx,
  { connection, runId }: { readonly connection: string; readonly runId: string },
  dependents: readonly Dependent[],
): Promise<readonly Dependent[]> {
  if (dependents.length === 0) return dependents;
  const paused = (await pausedStreams(tx)).filter((each) => each.connection === connection);
  const waits = new Set(paused.map(({ stream }) => stream));
  const waiting = dependents.filter(({ stream }) => waits.has(stream));
  for (const [stream, each] of Map.groupBy(waiting, (dependent) => dependent.stream)) {
    await openRetryPages(tx, { runId, stream }, [each.map(({ id }) => id)]);
  }
  return dependents.filter(({ stream }) => !waits.has(stream));
}

/** Asks for the waiting pages of streams of a connection that no paused mapping keeps any more to be mapped. */
export async function mapWaiting(
  deps: Pick<Deps, 'queue'>,
  tx: TenantTx,
  connection: string,
  streams: readonly string[],
): Promise<void> {
  const paused = (await pausedStreams(tx)).filter((each) => each.connection === connection);
  const kept = new Set(paused.map(({ stream }) => stream));
  const free = streams.filter((stream) => !kept.has(stream));
  const pages = await waitingPages(tx, connection, free);
  await request(
    deps,
    tx,
    pages.map(({ runId, stream, pageNumber }) => mapWork(runId, stream, pageNumber)),
  );
}

/** Ends the pauses of a mapping of which another version is in effect now; what waited is mapped with that. */
export async function endOutdatedPauses(
  deps: Pick<Deps, 'queue'>,
  tx: TenantTx,
  { mappingId, version }: { readonly mappingId: string; readonly version: number },
): Promise<void> {
  const over = (await listAllPauses(tx)).filter(
    (pause) => pause.mappingId === mappingId && pause.mappingVersion !== version,
  );
  for (const [connection, pauses] of Map.groupBy(over, (pause) => pause.connection)) {
    await endPauses(tx, connection, pauses);
    await mapWaiting(deps, tx, connection, [...new Set(pauses.map(({ stream }) => stream))]);
  }
}

/** Ends the pauses of a connection that is removed. Its facts stay as last mapped, so what waits is not mapped any more. */
export async function dropWaiting(tx: TenantTx, connection: string): Promise<void> {
  const pauses = await listPauses(tx, connection);
  const streams = [...new Set(pauses.map(({ stream }) => stream))];
  for (const page of await waitingPages(tx, connection, streams)) await markMapped(tx, page, 0);
  await endPauses(tx, connection, pauses);
}
