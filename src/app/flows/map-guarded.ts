import { beginMapping, forgiveTry, markMapped, openRetryPages, takeUnmappedPage } from '../../intake/pages.ts'; // prettier-ignore
import { getConnection } from '../../intake/connections.ts';
import { quarantineUnmapped } from '../../intake/quarantine.ts';
import { StaleError, StoreUnavailable } from '../../kernel/errors.ts';
import { activePlans } from '../../mapping/active-plans.ts';
import type { TenantTx } from '../../db/store.ts';
import type { JobContext, MapPagePayload } from '../../sdk/flows.ts';
import type { Deps } from '../deps.ts';
import { followRun } from '../follow-ups.ts';
import { leasedTx } from '../leased-tx.ts';
import { isPaused } from '../paused-pages.ts';
import { mapWork, request } from '../request.ts';
import { mapPage } from './map-page.ts';

/** A page may break its worker so often before it is taken apart. */
const MOST_TRIES = 3;

/**
 * Maps one landed page, and finds the record that breaks it where mapping does not fail but breaks: throws what it
 * should not, or ends its process. The third time the page is taken in two, each half again at its next failure, until
 * the record stands alone and is quarantined; all others are mapped (fault case 12). A page whose stream waits for a
 * paused mapping is left as it is.
 */
export async function mapGuarded(
  deps: Deps,
  context: JobContext,
  payload: MapPagePayload,
): Promise<void> {
  const begun = await leasedTx(deps, context, async (tx) =>
    (await isPaused(tx, payload)) ? null : await beginMapping(tx, payload),
  );
  if (begun === null) return;
  if (begun.tries > MOST_TRIES) {
    await leasedTx(deps, context, (tx) => takeApart(deps, tx, payload));
    return;
  }
  try {
    await mapPage(deps, context, payload);
  } catch (error) {
    const passes = error instanceof StaleError || error instanceof StoreUnavailable;
    if (passes || context.signal.aborted) await forgive(deps, context, payload);
    throw error;
  }
}

/** Without a store or a lease the try stays counted; three such in a row only take the page in two. */
async function forgive(deps: Deps, context: JobContext, page: MapPagePayload): Promise<void> {
  await leasedTx(deps, context, (tx) => forgiveTry(tx, page)).catch(() => undefined);
}

async function takeApart(deps: Deps, tx: TenantTx, payload: MapPagePayload): Promise<void> {
  const page = await takeUnmappedPage(tx, payload);
  if (page === null) return;
  const { connection, changedIds } = page;
  const [first] = changedIds;
  if (changedIds.length > 1) {
    const half = Math.ceil(changedIds.length / 2);
    const groups = [changedIds.slice(0, half), changedIds.slice(half)];
    // A half has to break once more, not three times, to be taken apart itself.
    const halves = await openRetryPages(tx, payload, groups, MOST_TRIES - 1);
    await request(
      deps,
      tx,
      halves.map(({ runId, stream, pageNumber }) => mapWork(runId, stream, pageNumber)),
    );
  } else if (first !== undefined) await quarantine(deps, tx, payload, connection, first);
  await markMapped(tx, payload, 0);
  await followRun(deps, tx, { id: payload.runId, connection });
}

async function quarantine(
  deps: Deps,
  tx: TenantTx,
  { runId, stream }: MapPagePayload,
  connection: string,
  recordId: string,
): Promise<void> {
  const { connector } = await getConnection(tx, connection);
  const plans = await activePlans(tx, deps.mappings, { connector, connection, object: stream });
  const failures = plans.map(({ id, version }) => ({
    recordId,
    code: 'mapping_breaks',
    reason:
      'Mapping this record breaks the worker that tries it, so it is kept aside. Correct the record at its source, or ' +
      'publish another version of the mapping, then: trueup errors retry.',
    field: null,
    mappingId: id,
    mappingVersion: version,
  }));
  await quarantineUnmapped(tx, { runId, connection, stream }, failures);
}
