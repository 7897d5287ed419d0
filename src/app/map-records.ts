import type { TenantTx } from '../db/store.ts';
import type { Connection } from '../intake/connections.ts';
import { landedRecords, type LandedRecord } from '../intake/landing.ts';
import { quarantineUnmapped, resolveQuarantine } from '../intake/quarantine.ts';
import type { RefusedFact } from '../ledger/fact.ts';
import { recordFacts, type NewFact, type RecordFacts } from '../ledger/facts.ts';
import { activePlans } from '../mapping/active-plans.ts';
import { recordDependencies } from '../mapping/dependencies.ts';
import { loadLookups } from '../mapping/load-lookups.ts';
import { holdLookups } from '../mapping/kept-lookups.ts';
import {
  recordUses,
  watchLookups,
  type KeyUse,
  type WatchedLookups,
} from '../mapping/lookup-uses.ts';
import { pausedOn } from '../mapping/paused-mappings.ts';
import type { IncludeRef, MapContext, MappedFact, MappingPlan } from '../mapping/mapping-plan.ts';
import type { Deps } from './deps.ts';
import { waitForPaused } from './paused-pages.ts';
import { holdBackRemovals } from './people-guard.ts';

/** What every page of one connection is mapped with, in the transaction of that page. */
export interface PageMapper {
  readonly deps: Pick<Deps, 'mappings'>;
  readonly tx: TenantTx;
  readonly connection: Connection;
  readonly runId: string;
  /** The only "now" that mappings see. */
  readonly startedAt: string;
}

interface Failure {
  readonly recordId: string;
  readonly code: string;
  readonly reason: string;
  readonly field: string | null;
  readonly mappingId: string;
  readonly mappingVersion: number;
}

/** What one mapping makes of the records of a page, before the ledger has it. */
interface Reading {
  readonly plan: MappingPlan;
  readonly records: readonly LandedRecord[];
  readonly mapped: readonly RecordFacts[];
  readonly failures: readonly Failure[];
  /** What each record asked lookup tables for. */
  readonly uses: readonly { readonly id: string; readonly uses: readonly KeyUse[] }[];
}

/**
 * Maps landed records of one stream with every mapping in effect and returns how many facts came of it. Records that
 * would end an active account wait (`people-guard`), and with them all else that they say. With `becauseOf` only
 * what a change of that mapping concerns is mapped. For a mapping that is paused they are put on a page that waits. The
 * caller holds the writer's lock of the connection.
 */
export async function mapRecords(
  mapper: PageMapper,
  stream: string,
  ids: readonly string[],
  becauseOf: string | null = null,
): Promise<number> {
  const { deps, tx, connection, runId } = mapper;
  const records = await landedRecords(tx, connection.id, stream, ids);
  const all = await activePlans(tx, deps.mappings, {
    connector: connection.connector,
    connection: connection.id,
    object: stream,
  });
  const asked = becauseOf === null ? all : concernedBy(all, becauseOf);
  const paused = await pausedOn(tx, { connection: connection.id, stream }, 'inbound');
  const plans = withoutPaused(asked, paused);
  if (plans.length < asked.length) {
    const missed = asked.filter(({ id }) => paused.has(id)).map(({ id }) => id);
    await waitForPaused(tx, { runId, stream }, ids, missed);
  }
  // A table that changes meanwhile has to see which of these records asked for what.
  if (plans.some((plan) => plan.lookups.length > 0)) await holdLookups(tx);
  const readings: Reading[] = [];
  for (const plan of plans) readings.push(await readWith(mapper, plan, stream, records));
  const waiting = await holdBackPeople(tx, { connection: connection.id, stream, runId }, readings);
  let facts = 0;
  for (const reading of readings) facts += await keep(mapper, reading, stream, waiting);
  return facts;
}

/**
 * The plans whose facts may change with one mapping: its own; and where that gives accounts of people, all that do,
 * because it is from all of them together that one is known to be lost.
 */
function concernedBy(plans: readonly MappingPlan[], mappingId: string): readonly MappingPlan[] {
  const noun = plans.find(({ id }) => id === mappingId)?.target.noun;
  return plans.filter(
    ({ id, target }) =>
      id === mappingId || (noun === 'userAccount' && target.noun === 'userAccount'),
  );
}

/** What is left while some are paused. Accounts of people are known from all of their mappings together, or not at all. */
function withoutPaused(
  plans: readonly MappingPlan[],
  paused: ReadonlySet<string>,
): readonly MappingPlan[] {
  const waits = plans.filter(({ id }) => paused.has(id));
  if (waits.length === 0) return plans;
  const people = waits.some(({ target }) => target.noun === 'userAccount');
  return plans.filter(
    ({ id, target }) => !paused.has(id) && !(people && target.noun === 'userAccount'),
  );
}

async function readWith(
  mapper: PageMapper,
  plan: MappingPlan,
  stream: string,
  records: readonly LandedRecord[],
): Promise<Reading> {
  const scope = { connection: mapper.connection.id, stream, mappingId: plan.id };
  const children = includedBy(plan, records);
  if (plan.includes.length > 0) await recordDependencies(mapper.tx, scope, children);
  const reading = await readLanded(mapper, plan, records, children);
  if (plan.lookups.length > 0) await recordUses(mapper.tx, scope, reading.uses);
  return reading;
}

/** What a plan makes of landed records, with the records that they include. Nothing is written. */
export async function readLanded(
  mapper: Omit<PageMapper, 'deps' | 'runId'>,
  plan: MappingPlan,
  records: readonly LandedRecord[],
  children: readonly Included[] = includedBy(plan, records),
): Promise<Reading> {
  const context = await contextOf(
    mapper,
    plan,
    children.flatMap((child) => child.parents),
  );
  return { plan, records, ...mapAll(plan, records, context) };
}

interface Included {
  readonly id: string;
  readonly parents: readonly IncludeRef[];
}

function includedBy(plan: MappingPlan, records: readonly LandedRecord[]): readonly Included[] {
  return records.map((record) => ({
    id: record.recordId,
    parents: record.deleted ? [] : plan.includeRefs(asSource(record)),
  }));
}

async function keep(
  { tx, connection, runId }: PageMapper,
  { plan, records, mapped, failures }: Reading,
  stream: string,
  waiting: ReadonlySet<string>,
): Promise<number> {
  const scope = { connection: connection.id, stream, mappingId: plan.id };
  const now = mapped.filter((each) => !waiting.has(each.recordId));
  const changes = await recordFacts(tx, { ...scope, mappingVersion: plan.version }, now);
  const refused = changes.refused.map((each) => refusal(plan, each));
  const bad = new Set([...failures, ...refused].map((failure) => failure.recordId));
  const good = records
    .map((record) => record.recordId)
    .filter((id) => !bad.has(id) && !waiting.has(id));
  await resolveQuarantine(tx, { connection: connection.id, stream }, 'mapping', plan.id, good);
  await quarantineUnmapped(tx, { runId, connection: connection.id, stream }, [
    ...failures,
    ...refused,
  ]);
  return changes.recorded;
}

async function contextOf(
  { tx, connection, startedAt }: Omit<PageMapper, 'deps' | 'runId'>,
  plan: MappingPlan,
  refs: readonly { readonly stream: string; readonly id: string }[],
): Promise<MapContext & { readonly lookups: WatchedLookups }> {
  const landed = new Map<string, LandedRecord['data']>();
  for (const [stream, each] of Map.groupBy(refs, (ref) => ref.stream)) {
    const ids = [...new Set(each.map((ref) => ref.id))];
    for (const record of await landedRecords(tx, connection.id, stream, ids)) {
      if (!record.deleted) landed.set(`${stream}/${record.recordId}`, record.data);
    }
  }
  return {
    lookups: watchLookups(await loadLookups(tx, plan.lookups)),
    landed: (stream, id) => landed.get(`${stream}/${id}`) ?? null,
    startedAt,
  };
}

/** The records that would end an active account, and wait until it is known how many there are. */
async function holdBackPeople(
  tx: TenantTx,
  place: { readonly connection: string; readonly stream: string; readonly runId: string },
  readings: readonly Reading[],
): Promise<ReadonlySet<string>> {
  const people = readings.filter(({ plan }) => plan.target.noun === 'userAccount');
  const failed = new Set(people.flatMap(({ failures }) => failures.map((each) => each.recordId)));
  const facts = Map.groupBy(
    people.flatMap(({ mapped }) => mapped),
    (each) => each.recordId,
  );
  const records = people[0]?.records ?? [];
  if (records.length === 0) return new Set();
  return holdBackRemovals(
    tx,
    place,
    records.map(({ recordId, deleted }) => ({
      recordId,
      deleted,
      activeRefs: failed.has(recordId) ? null : activeRefs(facts.get(recordId) ?? []),
    })),
  );
}

function activeRefs(given: readonly RecordFacts[]): ReadonlySet<string> {
  const active = given
    .flatMap(({ facts }) => facts)
    .filter((fact) => fact.noun === 'userAccount' && 'active' in fact.body && fact.body.active);
  return new Set(active.map((fact) => fact.body.externalRef));
}

/** A record that fails keeps the facts that it gave before: what was known stays until something better is known. */
function mapAll(
  plan: MappingPlan,
  records: readonly LandedRecord[],
  context: MapContext & { readonly lookups: WatchedLookups },
): Pick<Reading, 'mapped' | 'failures' | 'uses'> {
  const mapped: RecordFacts[] = [];
  const failures: Failure[] = [];
  const uses: Reading['uses'][number][] = [];
  for (const record of records) {
    const base = { recordId: record.recordId, recordHash: record.contentHash };
    const result =
      record.deleted !== plan.mapsDeleted
        ? ({ kind: 'skipped' } as const)
        : plan.mapRecord(asSource(record), context);
    uses.push({ id: record.recordId, uses: context.lookups.take() });
    if (result.kind === 'failed') {
      const { code, message, row } = result;
      failures.push({
        recordId: record.recordId,
        code,
        reason: message,
        field: row,
        mappingId: plan.id,
        mappingVersion: plan.version,
      });
    } else
      mapped.push({ ...base, facts: result.kind === 'mapped' ? result.facts.map(asNewFact) : [] });
  }
  return { mapped, failures, uses };
}

/** The plan has checked the body against the noun's schema. */
function asNewFact(fact: MappedFact): NewFact {
  return fact as unknown as NewFact;
}

function asSource(record: LandedRecord) {
  return { id: record.recordId, stamp: record.stamp, data: record.data };
}

function refusal(plan: MappingPlan, { recordId, code, reason }: RefusedFact): Failure {
  return {
    recordId,
    code,
    reason,
    field: 'externalRef',
    mappingId: plan.id,
    mappingVersion: plan.version,
  };
}
