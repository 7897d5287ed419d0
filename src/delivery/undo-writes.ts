import type { TenantTx } from '../db/store.ts';
import type { Json, JsonObject } from '../kernel/hash.ts';
import type { BeforeImage } from './before-images.ts';
import type { Effect, MappingRef } from './effect.ts';

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
  /** Null where nobody could say. */
  readonly before: BeforeImage | null;
  /** What was sent, oldest first. */
  readonly payloads: readonly JsonObject[];
  /** The hash of the effect that was applied just before; null where there was none, or it was not applied. */
  readonly hashBefore: string | null;
}

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
  return tx.sql<WrittenRecord>(
    `select w.*, (select case when p.state = 'APPLIED' then p.payload_hash end from intent p
         where p.connection = w.connection and p.object = w.object and p.external_id = w."externalId" and p.revision < w.first
         order by p.revision desc limit 1) as "hashBefore"
     from (
       select i.external_id as "externalId", min(i.revision) as first, min(i.connection) as connection, min(i.object) as object,
         min(i.canonical_id) as "canonicalId", min(i.vendor_id) as "targetId",
         coalesce(min(i.vendor_id), (array_agg(i.result ->> 'vendorId' order by i.revision desc)
           filter (where i.result ->> 'vendorId' is not null))[1]) as "vendorId",
         (array_agg(i.before_image order by i.revision))[1] as before,
         jsonb_agg(i.payload order by i.revision) as payloads
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
}

/** How many records these versions changed, made, and wrote without anybody knowing what was there before. */
export async function countWrittenBy(
  tx: TenantTx,
  versions: { readonly mappingId: string; readonly versions: readonly number[] },
): Promise<{ readonly changed: number; readonly created: number; readonly unknown: number }> {
  const [row] = await tx.sql<{ changed: number; created: number; unknown: number }>(
    `select count(*) filter (where w.before ? 'fields')::int as changed,
       count(*) filter (where w.before ->> 'absent' = 'true')::int as created,
       count(*) filter (where w.before is null)::int as unknown
     from (select (array_agg(i.before_image order by i.revision))[1] as before ${SENT} group by i.external_id ${REACHED}) w`,
    [versions.mappingId, [...versions.versions]],
  );
  return row ?? { changed: 0, created: 0, unknown: 0 };
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
    `update intent i set state = 'SUPERSEDED', settled_at = app.clock(), lease_until = null, fence = i.fence + 1
     where i.mapping ->> 'id' = $1 and (i.mapping ->> 'version')::int = any($2) and i.state in ('PLANNED', 'LEASED')
       and i.plan_id is null and i.sent_at is null`,
    [versions.mappingId, [...versions.versions]],
  );
}

/**
 * The effect that brings the fields of a record back to what they were before it was written: every field that was sent
 * since, as it was, and null where it had no value. Null for a record that was not there before. Pure.
 */
export function undoEffect(record: WrittenRecord, mapping: MappingRef): Effect | null {
  const { connection, object, canonicalId, targetId, before, payloads, hashBefore } = record;
  if (before === null || before.absent === true) return null;
  const names = new Set(payloads.flatMap((payload) => Object.keys(payload)));
  const fields = Object.fromEntries(
    [...names].map((name): [string, Json] => {
      const sent = payloads.map((payload) => payload[name]).filter((value) => value !== undefined);
      return [name, inShapeOf(before.fields[name] ?? null, sent)];
    }),
  );
  const target = { connection, object, canonicalId, vendorId: targetId };
  return { ...target, fields, mapping, standsFor: hashBefore, asDecided: true };
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
