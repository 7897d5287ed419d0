import type { TenantTx } from '../db/store.ts';
import type { Json, JsonObject } from '../kernel/hash.ts';
import type { BeforeImage } from './before-images.ts';
import type { Effect, EffectSubject, MappingRef } from './effect.ts';
import { sameForm } from './same-value.ts';
import { fieldsOf, fieldsToSend, valueAt, type DecidedField } from './three-way.ts';

/** A record that versions of a mapping wrote: what they wrote, and what was there before the first of them did. */
export interface WrittenRecord {
  readonly connection: string;
  readonly object: string;
  readonly externalId: string;
  readonly canonicalId: string;
  /** The vendor's id of a record that we did not make, as effects carry it. */
  readonly targetId: string | null;
  /** The vendor's id of the record, where it is known. */
  readonly vendorId: string | null;
  readonly about?: EffectSubject | null;
  /** Null where nobody could say. */
  readonly before: BeforeImage | null;
  /** What was sent, oldest first, without what was left alone and what the other system refused. */
  readonly payloads: readonly JsonObject[];
  /** The hash of the effect that was applied just before; null where there was none, or it was not applied. */
  readonly hashBefore: string | null;
}

type WrittenRow = Omit<WrittenRecord, 'payloads'> & {
  readonly writes: readonly {
    readonly payload: JsonObject;
    readonly decided: readonly DecidedField[];
  }[];
};

const SENT = `from intent i where i.mapping ->> 'id' = $1 and (i.mapping ->> 'version')::int = any($2) and i.sent_at is not null`;
/** Of a record that the other system refused each time, nothing was written. */
const REACHED = `having bool_or(i.state <> 'QUARANTINED')`;

/** Every record that these versions of a mapping were sent about, by external id; `after` pages on. */
export async function recordsWrittenBy(
  tx: TenantTx,
  versions: { readonly mappingId: string; readonly versions: readonly number[] },
  page: {
    readonly after?: string | undefined;
    readonly limit?: number;
    readonly created?: boolean;
  } = {},
): Promise<readonly WrittenRecord[]> {
  const rows = await tx.sql<WrittenRow>(
    `select w.*, (select case when p.state = 'APPLIED' then p.payload_hash end from intent p
         where p.connection = w.connection and p.object = w.object and p.external_id = w."externalId" and p.revision < w.first
         order by p.revision desc limit 1) as "hashBefore"
     from (
       select i.external_id as "externalId", min(i.revision) as first, min(i.connection) as connection, min(i.object) as object,
         min(i.canonical_id) as "canonicalId", min(i.vendor_id) as "targetId",
         coalesce(min(i.vendor_id), (array_agg(i.result ->> 'vendorId' order by i.revision desc)
           filter (where i.result ->> 'vendorId' is not null))[1]) as "vendorId",
         (array_agg(i.before_image order by i.revision))[1] as before,
         (array_agg(i.about order by i.revision desc) filter (where i.about is not null))[1] as about,
         jsonb_agg(jsonb_build_object('payload', i.payload, 'decided', i.decided) order by i.revision)
           filter (where i.state <> 'QUARANTINED') as writes
       ${SENT} and ($3::text is null or i.external_id > $3) group by i.external_id ${REACHED}) w
     where not $5 or w.before ->> 'absent' = 'true' order by w."externalId" limit $4`,
    [
      versions.mappingId,
      [...versions.versions],
      page.after ?? null,
      page.limit ?? null,
      page.created ?? false,
    ],
  );
  return rows.map(({ writes, ...row }) => ({
    ...row,
    payloads: writes.map(({ payload, decided }) => fieldsToSend(payload, decided)),
  }));
}

const PAGE = 500;

/** Every record that these versions were sent about, a page at a time. */
export async function* writtenPages(
  tx: TenantTx,
  versions: { readonly mappingId: string; readonly versions: readonly number[] },
  page: { readonly created?: boolean } = {},
): AsyncGenerator<readonly WrittenRecord[]> {
  let after: string | undefined;
  for (;;) {
    const records = await recordsWrittenBy(tx, versions, { ...page, after, limit: PAGE });
    if (records.length > 0) yield records;
    if (records.length < PAGE) return;
    after = records.at(-1)?.externalId;
  }
}

/** How many records these versions changed, made, and wrote without anybody knowing what was there before. */
export async function countRestorable(
  tx: TenantTx,
  versions: { readonly mappingId: string; readonly versions: readonly number[] },
): Promise<{ readonly changed: number; readonly created: number; readonly unknown: number }> {
  const sum = { changed: 0, created: 0, unknown: 0 };
  for await (const page of writtenPages(tx, versions))
    for (const record of page) {
      if (record.before === null) sum.unknown += 1;
      else if (record.before.absent === true) sum.created += 1;
      else if (undoEffect(record, { id: '', version: 0 }) !== null) sum.changed += 1;
    }
  return sum;
}

/**
 * Of these records, those that something else of ours wrote or is about to write, after those versions: the version in
 * effect makes them too. What a plan of the same request does to them does not count.
 */
export async function stillWritten(
  tx: TenantTx,
  versions: { readonly mappingId: string; readonly versions: readonly number[] },
  about: { readonly changeId: string; readonly externalIds: readonly string[] },
): Promise<ReadonlySet<string>> {
  const rows = await tx.sql<{ id: string }>(
    `select distinct i.external_id as id from intent i
     where i.external_id = any($3) and i.state not in ('SUPERSEDED', 'QUARANTINED') and i.change_id is distinct from $4
       and not coalesce(i.mapping ->> 'id' = $1 and (i.mapping ->> 'version')::int = any($2), false)`,
    [versions.mappingId, [...versions.versions], [...about.externalIds], about.changeId],
  );
  return new Set(rows.map(({ id }) => id));
}

/**
 * Takes back what these versions meant to write and have not sent, but for what a plan asks for: that was approved as it
 * stands. What sends its documents anew makes them again with the version in effect.
 */
export async function dropUnsentOf(
  tx: TenantTx,
  versions: { readonly mappingId: string; readonly versions: readonly number[] },
): Promise<number> {
  return tx.run(
    `update intent i set state = 'SUPERSEDED', payload_hash = '', settled_at = app.clock(), lease_until = null, fence = i.fence + 1
     where i.mapping ->> 'id' = $1 and (i.mapping ->> 'version')::int = any($2) and i.state in ('PLANNED', 'LEASED')
       and i.plan_id is null and i.sent_at is null`,
    [versions.mappingId, [...versions.versions]],
  );
}

/**
 * The effect that brings the fields of a record back to what they were before it was written: every field that was sent
 * since, as it was, and null where it had no value. A field that holds by then neither that nor what was sent was changed
 * since by somebody else: it is left alone, unless `overwrite`. Null for a record that was not there before, or of which
 * no field was sent. Pure.
 */
export function undoEffect(
  record: WrittenRecord,
  mapping: MappingRef,
  overwrite = false,
): Effect | null {
  const { connection, object, canonicalId, targetId, before, payloads, hashBefore } = record;
  const { about = null } = record;
  if (before === null || before.absent === true) return null;
  const names = new Set(payloads.flatMap((payload) => Object.keys(payload)));
  if (names.size === 0) return null;
  const fields = Object.fromEntries(
    [...names].map((name): [string, Json] => {
      const sent = payloads.map((payload) => payload[name]).filter((value) => value !== undefined);
      return [name, inShapeOf(before.fields[name] ?? null, sent)];
    }),
  );
  const target = { connection, object, canonicalId, vendorId: targetId };
  const expects = overwrite ? {} : { expects: sentOf(payloads, fieldsOf(fields)) };
  return { ...target, about, fields, mapping, standsFor: hashBefore, asDecided: true, ...expects };
}

/** The fields of a record that hold neither what they held before nor what was sent since, with all three values. Pure. */
export function differsSince(
  record: WrittenRecord,
  held: JsonObject,
): readonly {
  readonly field: string;
  readonly before: Json;
  readonly written: Json;
  readonly now: Json;
}[] {
  const effect = undoEffect(record, { id: '', version: 0 });
  if (effect === null) return [];
  return Object.entries(effect.expects ?? {}).flatMap(([field, sent]) => {
    const before = valueAt(effect.fields, field) ?? null;
    const now = valueAt(held, field) ?? null;
    const isKnown = [before, ...sent].some((value) => sameForm(value, now));
    return isKnown ? [] : [{ field, before, written: sent.at(-1) ?? null, now }];
  });
}

/** Every value that was sent of these fields, oldest first. */
function sentOf(
  payloads: readonly JsonObject[],
  fields: readonly string[],
): Readonly<Record<string, readonly Json[]>> {
  return Object.fromEntries(
    fields.map((field) => [
      field,
      payloads.map((payload) => valueAt(payload, field)).filter((value) => value !== undefined),
    ]),
  );
}

/** A value as the vendor holds it, without members that we never send: those are the vendor's own. */
function inShapeOf(held: Json, sent: readonly Json[]): Json {
  if (Array.isArray(held)) {
    const items = sent.flatMap((value) => (Array.isArray(value) ? (value as readonly Json[]) : []));
    return (held as readonly Json[]).map((item) => inShapeOf(item, items));
  }
  if (!isObject(held)) return held;
  const shapes = sent.filter(isObject);
  if (shapes.length === 0) return held;
  const names = new Set(shapes.flatMap((shape) => Object.keys(shape)));
  return Object.fromEntries(
    Object.entries(held)
      .filter(([name]) => names.has(name))
      .map(([name, value]) => {
        const inner = shapes.map((shape) => shape[name]).filter((each) => each !== undefined);
        return [name, inShapeOf(value, inner)];
      }),
  );
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
