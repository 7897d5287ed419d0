import { appendAudit } from '../audit/audit-log.ts';
import type { TenantTx } from '../db/store.ts';
import { getConnection } from '../intake/connections.ts';
import { HubError, StaleError, StoreUnavailable } from '../kernel/errors.ts';
import { allInboundPlans, allOutboundPlans } from '../mapping/active-plans.ts';
import { knownSchema, saveChanges, saveSchema } from '../mapping/known-schemas.ts';
import { endPauses, isBack, isOutdated, listPauses, pauseMappings, pausesFor, rowsOn, type MappingPause, type WatchedPlan } from '../mapping/paused-mappings.ts'; // prettier-ignore
import { schemaChanges, type ObjectShape } from '../mapping/schema-difference.ts';
import type { ObjectDescription } from '../sdk/define-connector.ts';
import type { JobContext } from '../sdk/flows.ts';
import type { Deps } from './deps.ts';
import { resumeWork } from './paused-pages.ts';

const ACTOR = 'system:schema';

/** An object of a connection, and who looks at it. */
export interface SchemaSite {
  readonly deps: Deps;
  readonly context: JobContext;
  readonly connection: string;
  readonly stream: string;
}

/** Every mapping of the connection in effect; one that writes counts as reading what it writes. */
export async function plansOf(
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

/** A description, or null where the system cannot be asked now. */
export async function askSchema(
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

/** What mappings depend on of a description. */
export function shapeOf({ fields }: ObjectDescription): ObjectShape {
  return Object.fromEntries(
    fields.map(({ name, type, picklist, readOnly }) => [
      name,
      { type, options: picklist.toSorted(), readOnly },
    ]),
  );
}

/**
 * Compares how an object is described now with the time before: keeps what changed, pauses the mappings that it concerns,
 * and ends the pauses that are over. `lacking`: fields that a page had in none of its records.
 */
export async function compareSchema(
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
  const before = await listPauses(tx, connection);
  const found = pausesFor(plans, stream, changes).filter(
    (pause) => !bringsBack(pause, before, shape),
  );
  const made = await pauseMappings(tx, connection, found);
  for (const pause of made) await tell(site, tx, pause, rowsOf(plans, pause));
  const over = (await listPauses(tx, connection)).filter(
    (pause) => isOutdated(pause, plans) || (pause.fieldStream === stream && isBack(pause, shape)),
  );
  await resume(site, tx, over, plans);
}

/** True for a change that is the end of an earlier one: the field has again the type that the mapping expects. */
function bringsBack(
  { mappingId, fieldStream, field, kind }: PauseNow,
  before: readonly MappingPause[],
  shape: ObjectShape,
): boolean {
  return (
    kind === 'retyped' &&
    before.some(
      (each) =>
        each.mappingId === mappingId &&
        each.fieldStream === fieldStream &&
        each.field === field &&
        each.kind === 'retyped' &&
        isBack(each, shape),
    )
  );
}

function rowsOf(plans: readonly WatchedPlan[], pause: PauseNow): readonly string[] {
  const plan = plans.find(({ id }) => id === pause.mappingId);
  return plan === undefined ? [] : rowsOn(plan, pause.fieldStream, pause.field);
}

/** Ends pauses, says so, and asks for what waited. */
export async function resume(
  site: SchemaSite,
  tx: TenantTx,
  pauses: readonly MappingPause[],
  plans: readonly WatchedPlan[],
): Promise<void> {
  if (pauses.length === 0) return;
  const { deps, connection } = site;
  await endPauses(tx, connection, pauses);
  for (const pause of pauses) await tell(site, tx, pause, rowsOf(plans, pause), true);
  await resumeWork(deps, tx, connection, pauses);
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
