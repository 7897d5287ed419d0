import type { TenantTx } from '../db/store.ts';
import {
  markMapped,
  openRetryPages,
  pageIsFor,
  waitingPages,
  type PageRef,
} from '../intake/pages.ts';
import { getRun } from '../intake/runs.ts';
import {
  endPauses,
  listAllPauses,
  listPauses,
  pausedOn,
  type MappingPause,
} from '../mapping/paused-mappings.ts';
import type { Deps } from './deps.ts';
import { deliverWork, mapWork, request } from './request.ts';

/** True if this page is for a mapping that is paused. A page that is for all of them is mapped with the others. */
export async function isPaused(tx: TenantTx, page: PageRef): Promise<boolean> {
  const mapping = await pageIsFor(tx, page);
  if (mapping === null) return false;
  const { connection } = await getRun(tx, page.runId);
  return (await pausedOn(tx, { connection, stream: page.stream }, 'inbound')).has(mapping);
}

/** Puts records on pages of their own that wait for paused mappings: one for each of them. */
export async function waitForPaused(
  tx: TenantTx,
  place: { readonly runId: string; readonly stream: string },
  ids: readonly string[],
  mappings: readonly string[],
): Promise<void> {
  if (ids.length === 0) return;
  for (const mapping of mappings) await openRetryPages(tx, place, [ids], 0, mapping);
}

/** Asks for the waiting pages of streams of a connection to be mapped; those of mappings that are still paused stay. */
async function mapWaiting(
  deps: Pick<Deps, 'queue'>,
  tx: TenantTx,
  connection: string,
  streams: readonly string[],
): Promise<void> {
  const pages = await waitingPages(tx, connection, streams);
  await request(
    deps,
    tx,
    pages.map(({ runId, stream, pageNumber }) => mapWork(runId, stream, pageNumber)),
  );
}

/** Asks for all that waited for mappings that are paused no more: pages to be mapped, and what is to be written. */
export async function resumeWork(
  deps: Pick<Deps, 'queue'>,
  tx: TenantTx,
  connection: string,
  pauses: readonly Pick<MappingPause, 'stream' | 'direction'>[],
): Promise<void> {
  const of = (wanted: MappingPause['direction']): readonly string[] => [
    ...new Set(pauses.filter(({ direction }) => direction === wanted).map(({ stream }) => stream)),
  ];
  await mapWaiting(deps, tx, connection, of('inbound'));
  const work = of('outbound').map((object) => deliverWork({ connection, object }));
  await request(deps, tx, work);
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
    await resumeWork(deps, tx, connection, pauses);
  }
}

/** Ends the pauses of a connection that is removed. Its facts stay as last mapped, so what waits is not mapped any more. */
export async function dropWaiting(tx: TenantTx, connection: string): Promise<void> {
  const pauses = await listPauses(tx, connection);
  const inbound = pauses.filter(({ direction }) => direction === 'inbound');
  const streams = [...new Set(inbound.map(({ stream }) => stream))];
  for (const page of await waitingPages(tx, connection, streams)) await markMapped(tx, page, 0);
  await endPauses(tx, connection, pauses);
}
