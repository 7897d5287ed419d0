import { beginMapping, forgiveTry, markMapped, openRetryPages, takeUnmappedPage, type UnmappedPage } from '../../intake/pages.ts'; // prettier-ignore
import { getConnection } from '../../intake/connections.ts';
import { quarantineUnmapped } from '../../intake/quarantine.ts';
import { InternalError, StaleError, StoreUnavailable } from '../../kernel/errors.ts';
import { activePlans } from '../../mapping/active-plans.ts';
import { dependentsOf } from '../../mapping/dependencies.ts';
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
/** The try at which a page is mapped without the records that include its own: they have pages of their own by then. */
const ALONE = MOST_TRIES + 2;

/**
 * Maps one landed page, and finds the record that breaks it where mapping does not fail but breaks: throws what it
 * should not, or ends its process. The third time the page is taken in two, each half again at its next failure, until
 * one record is left. It and the records that include it are then mapped apart, and each that still breaks is
 * quarantined in its own stream; all others are mapped (fault case 12). A page that is there for a paused mapping
 * is left as it is. Throws an InternalError for a page that breaks though no mapping reads its record.
 */
export async function mapGuarded(
  deps: Deps,
  context: JobContext,
  payload: MapPagePayload,
): Promise<void> {
  const tries = await leasedTx(deps, context, async (tx) => {
    if (await isPaused(tx, payload)) return null;
    const begun = await beginMapping(tx, payload);
    if (begun === null) return null;
    // Counted and taken apart in one transaction: a page at the try to be mapped alone has been taken apart.
    if (isDue(begun.tries)) return begun.tries;
    const goesOn = await takeApart(deps, tx, payload, begun.tries > ALONE);
    return goesOn ? begun.tries : null;
  });
  if (tries === null) return;
  if (!isDue(tries)) return mapGuarded(deps, context, payload);
  try {
    await mapPage(deps, context, payload, { alone: tries === ALONE });
  } catch (error) {
    const passes = error instanceof StaleError || error instanceof StoreUnavailable;
    if (passes || context.signal.aborted) await forgive(deps, context, payload);
    throw error;
  }
}

/** True for a try that maps; any other takes the page apart. */
function isDue(tries: number): boolean {
  return tries <= MOST_TRIES || tries === ALONE;
}

/** Without a store or a lease the try stays counted; three such in a row only take the page in two. */
async function forgive(deps: Deps, context: JobContext, page: MapPagePayload): Promise<void> {
  await leasedTx(deps, context, (tx) => forgiveTry(tx, page)).catch(() => undefined);
}

/** Puts a page that breaks on smaller pages. True if it is left itself, to be mapped without its dependents. */
async function takeApart(
  deps: Deps,
  tx: TenantTx,
  payload: MapPagePayload,
  alone: boolean,
): Promise<boolean> {
  const page = await takeUnmappedPage(tx, payload);
  if (page === null) return false;
  const { connection, changedIds } = page;
  const [first] = changedIds;
  if (changedIds.length > 1) {
    const half = Math.ceil(changedIds.length / 2);
    const groups = [changedIds.slice(0, half), changedIds.slice(half)];
    // A half has to break once more, not three times, to be taken apart itself.
    await openPages(deps, tx, payload, groups, alone ? ALONE - 1 : MOST_TRIES - 1);
  } else {
    if (!alone && (await partDependents(deps, tx, payload, page))) return true;
    await quarantine(deps, tx, payload, connection, first);
  }
  await markMapped(tx, payload, 0);
  await followRun(deps, tx, { id: payload.runId, connection });
  return false;
}

/**
 * Puts the records that include the page's on pages of their streams, so that it shows which of them all breaks. Those
 * pages have no dependents mapped either, so records that include each other do not open pages for ever.
 */
async function partDependents(
  deps: Deps,
  tx: TenantTx,
  { runId, stream }: MapPagePayload,
  { connection, changedIds }: UnmappedPage,
): Promise<boolean> {
  const all = await dependentsOf(tx, { connection, stream, ids: changedIds });
  const others = all.filter((each) => each.stream !== stream || !changedIds.includes(each.id));
  for (const [child, each] of Map.groupBy(others, (dependent) => dependent.stream)) {
    await openPages(deps, tx, { runId, stream: child }, [each.map(({ id }) => id)], ALONE - 1);
  }
  return others.length > 0;
}

async function openPages(
  deps: Deps,
  tx: TenantTx,
  place: Pick<MapPagePayload, 'runId' | 'stream'>,
  groups: readonly (readonly string[])[],
  tries: number,
): Promise<void> {
  const pages = await openRetryPages(tx, place, groups, tries);
  await request(
    deps,
    tx,
    pages.map(({ runId, stream, pageNumber }) => mapWork(runId, stream, pageNumber)),
  );
}

async function quarantine(
  deps: Deps,
  tx: TenantTx,
  { runId, stream, pageNumber }: MapPagePayload,
  connection: string,
  recordId: string | undefined,
): Promise<void> {
  const { connector } = await getConnection(tx, connection);
  const plans = await activePlans(tx, deps.mappings, { connector, connection, object: stream });
  if (recordId === undefined || plans.length === 0) {
    throw new InternalError(
      `Mapping page ${pageNumber} of ${stream} (${runId}) breaks at the record ${recordId ?? '(none)'}, which no mapping ` +
        'reads, so there is nothing to keep aside. Report this with the log of the worker.',
    );
  }
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
