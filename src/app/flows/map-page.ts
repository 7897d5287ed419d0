import { getConnection } from '../../intake/connections.ts';
import { markMapped, takeUnmappedPage } from '../../intake/pages.ts';
import { lockWriter } from '../../ledger/facts.ts';
import { dependentsOf } from '../../mapping/dependencies.ts';
import type { JobContext, MapPagePayload } from '../../sdk/flows.ts';
import type { Deps } from '../deps.ts';
import { followRun } from '../follow-ups.ts';
import { mapRecords, type PageMapper } from '../map-records.ts';

/**
 * Maps the changed records of one landed page, and the records that include one of them, into facts; what does not
 * map is quarantined with its reason. All of it commits together, so a page is mapped or it is not. With `alone` the
 * records that include one of these are left to pages of their own, which the caller has opened; on a page that was not
 * read they are left as they are, because these have not changed.
 */
export async function mapPage(
  deps: Deps,
  context: JobContext,
  payload: MapPagePayload,
  { alone = false }: { readonly alone?: boolean } = {},
): Promise<void> {
  await deps.store.withTenant(context.tenantId, async (tx) => {
    await context.hold(tx);
    const page = await takeUnmappedPage(tx, payload);
    if (page === null) return;
    const connection = await getConnection(tx, page.connection);
    // Before anything is read: a page and the page of a record that it includes must not miss each other.
    await lockWriter(tx, connection.id);
    const startedAt = deps.clock.now().toISOString();
    const mapper: PageMapper = { deps, tx, connection, runId: payload.runId, startedAt };
    const becauseOf = page.replayOf ?? page.becauseOf;
    let facts = await mapRecords(mapper, payload.stream, page.changedIds, becauseOf);
    const place = { connection: connection.id, stream: payload.stream };
    const dependents =
      alone || becauseOf !== null ? [] : await dependentsOf(tx, { ...place, ids: page.changedIds });
    for (const [stream, each] of Map.groupBy(dependents, (dependent) => dependent.stream)) {
      facts += await mapRecords(
        mapper,
        stream,
        each.map((dependent) => dependent.id),
      );
    }
    await markMapped(tx, payload, facts);
    await followRun(deps, tx, { id: payload.runId, connection: connection.id });
  });
}
