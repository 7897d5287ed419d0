import { appendAudit } from '../audit/audit-log.ts';
import type { TenantTx } from '../db/store.ts';
import { getConnection } from '../intake/connections.ts';
import { HubError, StaleError, StoreUnavailable } from '../kernel/errors.ts';
import { allInboundPlans } from '../mapping/active-plans.ts';
import type { MappingPlan } from '../mapping/mapping-plan.ts';
import { endPauses, isBack, isOutdated, listPauses, pauseMappings, pausesFor, type MappingPause } from '../mapping/paused-mappings.ts'; // prettier-ignore
import { schemaChanges, type ObjectShape } from '../mapping/schema-difference.ts';
import {
  knownSchema,
  saveChanges,
  saveSchema,
  type KnownSchema,
} from '../mapping/known-schemas.ts';
import type { ConnectorSession, ObjectDescription } from '../sdk/define-connector.ts';
import type { Page } from '../sdk/record.ts';
import { leasedTx } from './leased-tx.ts';
import { mapWaiting } from './paused-pages.ts';
import { lookUp, readSource, type StreamPull } from './stream-pull.ts';

const ACTOR = 'system:schema';
/** How old a description may be before the system is asked again, in seconds; while a mapping waits for a field, less. */
const LOOK_EVERY_S = 3600;
const LOOK_AGAIN_S = 300;

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
 * Asks how the source describes a stream that mappings read, at most once an hour, and compares it with the time
 * before. A field that a mapping in effect reads and that is gone or of another type, or an option that it names and
 * that is gone, pauses that mapping for the connection before any page lands: records land, nothing is mapped with
 * blanks, other streams go on. A pause ends when the field is as before or another version is in effect. New fields are
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
  const waits = pauses.some((pause) => pause.fieldStream === stream);
  const isOld = known === null || known.ageSeconds > (waits ? LOOK_AGAIN_S : LOOK_EVERY_S);
  if (isOld) await look(pull, session, []);
  const watched = watchedFields(readers, stream, known);
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

async function plansOf(
  { deps, connection }: StreamPull,
  tx: TenantTx,
): Promise<readonly MappingPlan[]> {
  const { connector } = await getConnection(tx, connection);
  return allInboundPlans(tx, deps.mappings, { connector, connection });
}

/** Fields that mappings read and the system described, unless it is known to leave them out where they are empty. */
function watchedFields(
  readers: readonly MappingPlan[],
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
  const description = await ask(pull, session);
  if (description === null) return;
  const shape = shapeOf(description);
  await leasedTx(pull.deps, pull.context, (tx) => compare(pull, tx, shape, lacking));
}

async function ask(pull: StreamPull, session: ConnectorSession): Promise<ObjectDescription | null> {
  try {
    return await readSource(pull, () => session.describe(pull.stream));
  } catch (error) {
    const isRemote =
      error instanceof HubError &&
      !(error instanceof StaleError || error instanceof StoreUnavailable);
    if (!isRemote || pull.context.signal.aborted) throw error;
    const { connection, stream } = pull;
    pull.deps.logger.warn('the schema could not be looked at', {
      connection,
      stream,
      reason: error.message,
    });
    return null;
  }
}

function shapeOf({ fields }: ObjectDescription): ObjectShape {
  return Object.fromEntries(
    fields.map(({ name, type, picklist }) => [name, { type, options: picklist.toSorted() }]),
  );
}

async function compare(
  pull: StreamPull,
  tx: TenantTx,
  shape: ObjectShape,
  lacking: readonly string[],
): Promise<void> {
  const { stream, connection } = pull;
  const place = { connection, stream };
  const known = await knownSchema(tx, place);
  const changes = known === null ? [] : schemaChanges(known.fields, shape);
  const described = new Set(Object.keys(shape).map((name) => name.toLowerCase()));
  const sparse = new Set([
    ...(known?.sparse ?? []),
    ...lacking.filter((name) => described.has(name)),
  ]);
  await saveSchema(tx, place, shape, [...sparse]);
  await saveChanges(tx, place, changes);
  const plans = await plansOf(pull, tx);
  const made = await pauseMappings(tx, connection, pausesFor(plans, stream, changes));
  for (const pause of made) await tell(pull, tx, 'mapping.paused', pause);
  const over = (await listPauses(tx, connection)).filter(
    (pause) => isOutdated(pause, plans) || (pause.fieldStream === stream && isBack(pause, shape)),
  );
  await resume(pull, tx, over);
}

async function endOutdated(pull: StreamPull, tx: TenantTx): Promise<void> {
  const plans = await plansOf(pull, tx);
  const pauses = await listPauses(tx, pull.connection);
  await resume(
    pull,
    tx,
    pauses.filter((pause) => isOutdated(pause, plans)),
  );
}

async function resume(
  pull: StreamPull,
  tx: TenantTx,
  pauses: readonly MappingPause[],
): Promise<void> {
  if (pauses.length === 0) return;
  await endPauses(tx, pull.connection, pauses);
  for (const pause of pauses) await tell(pull, tx, 'mapping.resumed', pause);
  const streams = [...new Set(pauses.map(({ stream }) => stream))];
  await mapWaiting(pull.deps, tx, pull.connection, streams);
}

async function tell(
  { deps, connection }: StreamPull,
  tx: TenantTx,
  action: 'mapping.paused' | 'mapping.resumed',
  { mappingId, mappingVersion, fieldStream, field, kind, expected }: Omit<MappingPause, 'since'>,
): Promise<void> {
  const details = { connection, mappingVersion, object: fieldStream, field, kind, expected };
  await appendAudit(tx, {
    actor: ACTOR,
    action,
    subject: { type: 'mapping', id: mappingId },
    details,
  });
  const said = { mapping: mappingId, ...details };
  if (action === 'mapping.resumed') deps.logger.info('a mapping goes on', said);
  else deps.logger.error('a mapping is paused: a field that it reads is not what it was', said);
}
