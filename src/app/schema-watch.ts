import { appendAudit } from '../audit/audit-log.ts';
import type { TenantTx } from '../db/store.ts';
import { explainBlocked, type Target } from '../delivery/dispatch.ts';
import { getConnection } from '../intake/connections.ts';
import { getRun } from '../intake/runs.ts';
import { HubError, StaleError, StoreUnavailable } from '../kernel/errors.ts';
import { allInboundPlans, allOutboundPlans } from '../mapping/active-plans.ts';
import { endPauses, isBack, isOutdated, listPauses, pauseMappings, pausedOn, pausesFor, rowsOn, type MappingPause, type WatchedPlan } from '../mapping/paused-mappings.ts'; // prettier-ignore
import { schemaChanges, type ObjectShape } from '../mapping/schema-difference.ts';
import {
  knownSchema,
  saveChanges,
  saveSchema,
  type KnownSchema,
} from '../mapping/known-schemas.ts';
import type { ConnectorSession, ObjectDescription } from '../sdk/define-connector.ts';
import type { Page } from '../sdk/record.ts';
import type { JobContext } from '../sdk/flows.ts';
import type { Deps } from './deps.ts';
import { leasedTx } from './leased-tx.ts';
import { mapWaiting } from './paused-pages.ts';
import { deliverWork, request } from './request.ts';
import { lookUp, readSource, type StreamPull } from './stream-pull.ts';

const ACTOR = 'system:schema';
/** An object of a connection, and who looks at it. */
interface SchemaSite {
  readonly deps: Deps;
  readonly context: JobContext;
  readonly connection: string;
  readonly stream: string;
}

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

/** Every mapping of the connection in effect; one that writes counts as reading what it writes. */
async function plansOf(
  { deps, connection }: SchemaSite,
  tx: TenantTx,
): Promise<readonly WatchedPlan[]> {
  const { connector } = await getConnection(tx, connection);
  const ref = { connector, connection };
  const outbound = await allOutboundPlans(tx, deps.mappings, ref);
  return [
    ...(await allInboundPlans(tx, deps.mappings, ref)),
    ...outbound.map(({ kind, id, version, target, writes, texts }) => ({
      kind,
      id,
      version,
      source: { stream: target.object },
      reads: writes,
      texts,
    })),
  ];
}

/** A target may be looked at again after so long, in seconds. */
const LOOK_AT_TARGET_S = 60;

/**
 * Asks how the target describes an object before it is written, at most once a minute, and pauses or resumes the mappings that
 * write it. Returns the ids of those that are paused: what they made stays unsent, whole.
 */
export async function watchTarget(
  delivery: { readonly deps: Deps; readonly context: JobContext; readonly target: Target },
  session: ConnectorSession,
): Promise<readonly string[]> {
  const { deps, context, target } = delivery;
  const { connection, object: stream } = target;
  const site = { deps, context, connection, stream };
  const known = await deps.store.readTenant(context.tenantId, (tx) =>
    knownSchema(tx, { connection, stream }),
  );
  if (known === null || known.ageSeconds > LOOK_AT_TARGET_S) {
    const description = await ask(site, () => session.describe(stream));
    if (description !== null)
      await leasedTx(deps, context, (tx) => compare(site, tx, shapeOf(description), []));
  }
  return leasedTx(deps, context, async (tx) => {
    const paused = [...(await pausedOn(tx, { connection, stream }, 'outbound'))];
    for (const pause of await listPauses(tx, connection)) {
      if (pause.direction === 'outbound' && pause.pauses && pause.stream === stream)
        await explainBlocked(tx, target, pause.mappingId, {
          code: 'mapping_paused',
          message: `${stream}.${pause.field} is not what ${pause.mappingId} expects (${pause.kind}), so nothing is written. Publish another version of the mapping, or: trueup connections accept-schema ${connection}`,
          field: pause.field,
        });
    }
    return paused;
  });
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
  const description = await ask(pull, () => readSource(pull, () => session.describe(pull.stream)));
  if (description === null) return;
  const shape = shapeOf(description);
  await leasedTx(pull.deps, pull.context, (tx) => compare(pull, tx, shape, lacking));
}

async function ask(
  site: SchemaSite,
  describe: () => Promise<ObjectDescription>,
): Promise<ObjectDescription | null> {
  try {
    return await describe();
  } catch (error) {
    const isRemote =
      error instanceof HubError &&
      !(error instanceof StaleError || error instanceof StoreUnavailable);
    if (!isRemote || site.context.signal.aborted) throw error;
    const { connection, stream } = site;
    site.deps.logger.warn('the schema could not be looked at', {
      connection,
      stream,
      reason: error.message,
    });
    return null;
  }
}

function shapeOf({ fields }: ObjectDescription): ObjectShape {
  return Object.fromEntries(
    fields.map(({ name, type, picklist, readOnly }) => [
      name,
      { type, options: picklist.toSorted(), readOnly },
    ]),
  );
}

async function compare(
  site: SchemaSite,
  tx: TenantTx,
  shape: ObjectShape,
  lacking: readonly string[],
): Promise<void> {
  const { stream, connection } = site;
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
  const plans = await plansOf(site, tx);
  const made = await pauseMappings(tx, connection, pausesFor(plans, stream, changes));
  for (const pause of made) await tell(site, tx, pause, rowsOf(plans, pause));
  const over = (await listPauses(tx, connection)).filter(
    (pause) => isOutdated(pause, plans) || (pause.fieldStream === stream && isBack(pause, shape)),
  );
  await resume(site, tx, over, plans);
}

function rowsOf(plans: readonly WatchedPlan[], pause: PauseNow): readonly string[] {
  const plan = plans.find(({ id }) => id === pause.mappingId);
  return plan === undefined ? [] : rowsOn(plan, pause.fieldStream, pause.field);
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

async function resume(
  site: SchemaSite,
  tx: TenantTx,
  pauses: readonly MappingPause[],
  plans: readonly WatchedPlan[],
): Promise<void> {
  if (pauses.length === 0) return;
  const { deps, connection } = site;
  await endPauses(tx, connection, pauses);
  for (const pause of pauses) await tell(site, tx, pause, rowsOf(plans, pause), true);
  const inbound = pauses.filter(({ direction }) => direction === 'inbound');
  const streams = [...new Set(inbound.map(({ stream }) => stream))];
  await mapWaiting(deps, tx, connection, streams);
  const outbound = pauses.filter(({ direction }) => direction === 'outbound');
  const objects = [...new Set(outbound.map(({ stream }) => stream))];
  await request(
    deps,
    tx,
    objects.map((object) => deliverWork({ connection, object })),
  );
}

type PauseNow = Omit<MappingPause, 'since'>;

/** The alarm, and its end: which field, and which rows use it. */
async function tell(
  { deps, connection }: SchemaSite,
  tx: TenantTx,
  { mappingId, mappingVersion, fieldStream, field, kind, expected, pauses }: PauseNow,
  rows: readonly string[],
  isOver = false,
): Promise<void> {
  const details = { connection, mappingVersion, object: fieldStream, field, rows, kind, expected };
  const begun = pauses ? 'mapping.paused' : 'mapping.degraded';
  await appendAudit(tx, {
    actor: ACTOR,
    action: isOver ? 'mapping.resumed' : begun,
    subject: { type: 'mapping', id: mappingId },
    details,
  });
  const said = { mapping: mappingId, ...details };
  if (isOver) deps.logger.info('a mapping goes on', said);
  else if (pauses)
    deps.logger.error('a mapping is paused: a field that it uses is not what it was', said);
  else deps.logger.warn('a mapping is degraded: a field that it reads has a new option', said);
}
