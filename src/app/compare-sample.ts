import type { TenantTx } from '../db/store.ts';
import { landedRecords } from '../intake/landing.ts';
import { InternalError } from '../kernel/errors.ts';
import type { JsonObject } from '../kernel/hash.ts';
import { factsOfRecords, holdersOf, type FactHolder } from '../ledger/record-facts.ts';
import { compareReadings, type ComparedRecord } from '../mapping/compare-readings.ts';
import { loadLookups } from '../mapping/load-lookups.ts';
import type { MapContext, MappingPlan } from '../mapping/mapping-plan.ts';
import {
  readRecord,
  type ReadItem,
  type RecordReading,
  type SampleRecord,
} from '../mapping/reading.ts';
import type { MappingBench } from './mapping-bench.ts';
import { takeTurns } from './take-turns.ts';

/** A landed record under the draft and under what is in effect, beside what the ledger holds. */
export interface ComparedSample {
  readonly record: SampleRecord;
  readonly draft: RecordReading;
  readonly live: RecordReading | null;
  /** What the record gave the ledger under this mapping. */
  readonly present: readonly ReadItem[];
  readonly compared: ComparedRecord;
  readonly context: MapContext;
}

/** References that earlier chunks of the same sample have given, by noun and reference: which record gave them. */
export type GivenRefs = Map<string, string>;

export interface SampleOptions {
  readonly startedAt: string;
  readonly given: GivenRefs;
  /** When to stop, by `performance.now()`, leaving out what is not mapped by then. An expression may be slow. */
  readonly until?: number;
}

interface InboundPlans {
  readonly draft: MappingPlan;
  readonly live: MappingPlan | null;
}

/**
 * Maps landed records under both versions and compares them with the ledger. Records that are not landed are left out.
 * Reads only, and lets others have their turn in between; `given` carries the references of a sample from chunk to chunk, as two records must not give one.
 */
export async function compareSample(
  tx: TenantTx,
  bench: MappingBench,
  ids: readonly string[],
  options: SampleOptions,
): Promise<readonly ComparedSample[]> {
  const { stream, plans } = inboundOf(bench);
  const landed = await landedRecords(tx, bench.connection.id, stream, ids);
  const byId = new Map(landed.map((record) => [record.recordId, record]));
  const records = ids.flatMap((id) => {
    const found = byId.get(id);
    if (found === undefined) return [];
    const { stamp, deleted, data } = found;
    return [{ id, stamp, deleted, data } satisfies SampleRecord];
  });
  const context = await contextFor(tx, bench.connection.id, plans, records, options.startedAt);
  const present = await presentOf(tx, bench, stream, ids);
  const turn = takeTurns();
  const readings = [];
  for (const record of records) {
    if (performance.now() > (options.until ?? Number.POSITIVE_INFINITY)) break;
    readings.push({
      record,
      context,
      draft: readRecord(plans.draft, record, context),
      live: plans.live === null ? null : readRecord(plans.live, record, context),
      present: present.get(record.id) ?? [],
    });
    await turn();
  }
  const isTaken = await takenBy(tx, bench, stream, readings, options.given);
  return readings.map((reading) => ({
    ...reading,
    compared: compareReadings({ ...reading, isTaken: (item) => isTaken(item, reading.record.id) }),
  }));
}

function inboundOf(bench: MappingBench): { readonly stream: string; readonly plans: InboundPlans } {
  const { direction, draft, live } = bench;
  if (direction.kind !== 'inbound' || draft.plan.kind !== 'inbound')
    throw new InternalError(`The mapping ${bench.id} does not read landed records.`);
  const liveplan = live?.plan.kind === 'inbound' ? live.plan : null;
  return { stream: direction.stream, plans: { draft: draft.plan, live: liveplan } };
}

/** Everything that both plans look at beside the records: included records and lookup tables. */
async function contextFor(
  tx: TenantTx,
  connection: string,
  { draft, live }: InboundPlans,
  records: readonly SampleRecord[],
  startedAt: string,
): Promise<MapContext> {
  const plans = live === null ? [draft] : [draft, live];
  const refs = plans.flatMap((plan) =>
    plan.includes.length === 0 ? [] : records.flatMap((record) => plan.includeRefs(record)),
  );
  const landed = new Map<string, JsonObject>();
  for (const [stream, each] of Map.groupBy(refs, (ref) => ref.stream)) {
    const ids = [...new Set(each.map(({ id }) => id))];
    for (const record of await landedRecords(tx, connection, stream, ids))
      if (!record.deleted) landed.set(`${stream}/${record.recordId}`, record.data);
  }
  const lookups = await loadLookups(tx, [...new Set(plans.flatMap((plan) => plan.lookups))]);
  return { lookups, startedAt, landed: (stream, id) => landed.get(`${stream}/${id}`) ?? null };
}

async function presentOf(
  tx: TenantTx,
  bench: MappingBench,
  stream: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, readonly ReadItem[]>> {
  const source = { connection: bench.connection.id, stream, mappingId: bench.id };
  const facts = await factsOfRecords(tx, source, ids);
  const items = facts.map(({ recordId, noun, externalRef, body }) => ({
    recordId,
    item: { noun, ref: externalRef, values: body },
  }));
  const grouped = Map.groupBy(items, ({ recordId }) => recordId);
  return new Map([...grouped].map(([id, list]) => [id, list.map(({ item }) => item)]));
}

interface Reading {
  readonly record: SampleRecord;
  readonly draft: RecordReading;
  readonly present: readonly ReadItem[];
}

/**
 * Whether another record holds what a draft would write. A holder that is in the sample, and under the draft gives the
 * reference no more, holds nothing: the ledger decides so too.
 */
async function takenBy(
  tx: TenantTx,
  bench: MappingBench,
  stream: string,
  readings: readonly Reading[],
  given: GivenRefs,
): Promise<(item: ReadItem, recordId: string) => boolean> {
  const drafted = readings.flatMap(({ record, draft, present }) => {
    const own = new Set(present.map(keyOf));
    return draft.kind === 'mapped'
      ? draft.items.map((item) => ({ item, id: record.id, isOwn: own.has(keyOf(item)) }))
      : [];
  });
  const gives = new Set(drafted.map(({ item, id }) => `${keyOf(item)} ${id}`));
  const inChunk = new Set(readings.map(({ record }) => record.id));
  const holders = new Map<string, FactHolder>();
  const foreign = drafted.filter(({ isOwn }) => !isOwn);
  for (const [noun, each] of Map.groupBy(foreign, ({ item }) => item.noun)) {
    const refs = [...new Set(each.map(({ item }) => item.ref))];
    for (const holder of await holdersOf(tx, noun, bench.connection.id, refs))
      holders.set(`${noun}/${holder.externalRef}`, holder);
  }
  for (const { item, id } of drafted) if (!given.has(keyOf(item))) given.set(keyOf(item), id);
  return (item, recordId) => {
    const key = keyOf(item);
    if ((given.get(key) ?? recordId) !== recordId) return true;
    const holder = holders.get(key);
    if (holder === undefined) return false;
    const isThisMapping = holder.mappingId === bench.id && holder.stream === stream;
    if (isThisMapping && holder.recordId === recordId) return false;
    const letsGo =
      isThisMapping &&
      inChunk.has(holder.recordId ?? '') &&
      !gives.has(`${key} ${holder.recordId ?? ''}`);
    return !letsGo;
  };
}

function keyOf({ noun, ref }: ReadItem): string {
  return `${noun}/${ref}`;
}
