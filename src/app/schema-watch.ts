import type { TenantTx } from '../db/store.ts';
import { getRun } from '../intake/runs.ts';
import { isOutdated, listPauses, type WatchedPlan } from '../mapping/paused-mappings.ts';
import { knownSchema, type KnownSchema } from '../mapping/known-schemas.ts';
import type { ConnectorSession } from '../sdk/define-connector.ts';
import type { Page } from '../sdk/record.ts';
import { askSchema, compareSchema, plansOf, resume, shapeOf } from './compare-schema.ts';
import { leasedTx } from './leased-tx.ts';
import { lookUp, readSource, type StreamPull } from './stream-pull.ts';

/** Watches the schema of one stream while a turn reads it. */
export interface SchemaWatch {
  /**
   * To be called with each page before it lands. A page without one record that has a field which a mapping reads may
   * mean that the field was hidden: the system is asked, once a turn.
   */
  check(page: Page): Promise<void>;
  /** To be called when the source refused the read: it may name a field that is gone. */
  refused(): Promise<void>;
}

/**
 * Asks how the source describes a stream that mappings read, once a pull, and compares it with the time before. A field that a mapping in effect reads and that is gone or of another type, or an option that it names and
 * that is gone, pauses that mapping for the connection before any page lands: records land, nothing is mapped with
 * blanks, other mappings and streams go on. A mapping that writes such a field to the same object is paused as well:
 * what it made is not sent. A pause ends when the field is as before or another version is in effect. New fields are
 * noted and ignored. A system that cannot be asked now is read as before.
 */
export async function watchSchema(
  pull: StreamPull,
  session: ConnectorSession,
): Promise<SchemaWatch> {
  const { stream, connection } = pull;
  const { plans, pauses, known } = await lookUp(pull, async (tx) => ({
    plans: await plansOf(pull, tx),
    pauses: await listPauses(tx, connection),
    known: await knownSchema(tx, { connection, stream }),
  }));
  if (pauses.some((pause) => isOutdated(pause, plans)))
    await leasedTx(pull.deps, pull.context, (tx) => endOutdated(pull, tx));
  const readers = plans.filter(({ reads }) => reads.some((each) => each.stream === stream));
  if (readers.length === 0) return { check: async () => undefined, refused: async () => undefined };
  const isOld = known === null || (await isFromBefore(pull, known));
  if (isOld) await look(pull, session, []);
  const inbound = readers.filter(({ kind }) => kind === 'inbound');
  const watched = watchedFields(inbound, stream, known);
  let looked = isOld;
  return {
    check: async (page) => {
      const lacking = looked ? [] : fieldsLackedBy(page, watched);
      if (lacking.length === 0) return;
      looked = true;
      await look(pull, session, lacking);
    },
    refused: async () => {
      if (!looked) await look(pull, session, []);
      looked = true;
    },
  };
}

/** True for a description from before this pull began. */
async function isFromBefore(pull: StreamPull, { ageSeconds }: KnownSchema): Promise<boolean> {
  const { startedAt, now } = await lookUp(pull, async (tx) => ({
    startedAt: (await getRun(tx, pull.runId)).startedAt,
    now: await tx.clock(),
  }));
  return ageSeconds * 1000 > now.getTime() - startedAt.getTime();
}

/** Fields that mappings read and the system described, unless it is known to leave them out where they are empty. */
function watchedFields(
  readers: readonly WatchedPlan[],
  stream: string,
  known: KnownSchema | null,
): ReadonlySet<string> {
  if (known === null) return new Set();
  const sparse = new Set(known.sparse);
  const described = new Set(Object.keys(known.fields).map((name) => name.toLowerCase()));
  const read = readers.flatMap(({ reads }) => reads.filter((each) => each.stream === stream));
  const names = read.map(({ field }) => field.toLowerCase());
  return new Set(names.filter((name) => described.has(name) && !sparse.has(name)));
}

/** In lower case, as systems spell a field in one case where they describe it and in another where they give it. */
function fieldsLackedBy({ records }: Page, watched: ReadonlySet<string>): readonly string[] {
  const open = new Set(watched);
  const alive = records.filter(({ deleted }) => !deleted);
  if (alive.length === 0) return [];
  for (const { data } of alive) {
    for (const name of Object.keys(data)) open.delete(name.toLowerCase());
    if (open.size === 0) return [];
  }
  return [...open];
}

async function look(
  pull: StreamPull,
  session: ConnectorSession,
  lacking: readonly string[],
): Promise<void> {
  const description = await askSchema(pull, () =>
    readSource(pull, () => session.describe(pull.stream)),
  );
  if (description === null) return;
  const shape = shapeOf(description);
  await leasedTx(pull.deps, pull.context, (tx) => compareSchema(pull, tx, shape, lacking));
}

async function endOutdated(pull: StreamPull, tx: TenantTx): Promise<void> {
  const plans = await plansOf(pull, tx);
  const pauses = await listPauses(tx, pull.connection);
  await resume(
    pull,
    tx,
    pauses.filter((pause) => isOutdated(pause, plans)),
    plans,
  );
}
