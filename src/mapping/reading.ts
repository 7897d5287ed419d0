import type { Json, JsonObject } from '../kernel/hash.ts';
import type { OutboundContext, OutboundPlan } from './compile-outbound.ts';
import type { MapFailure } from './map-failure.ts';
import type { LandedRecord, MapContext, MappingPlan } from './mapping-plan.ts';

/** One fact or one vendor record that a mapping gives, or that stands in the target now. */
export interface ReadItem {
  /** The canonical noun, or the vendor's object. */
  readonly noun: string;
  readonly ref: string;
  /** Values by target field; of a vendor record, by the names of the mapping's rows. */
  readonly values: JsonObject;
}

/** What one version of a mapping makes of one record or document. */
export type RecordReading =
  | { readonly kind: 'mapped'; readonly items: readonly ReadItem[] }
  | { readonly kind: 'skipped' }
  | MapFailure;

/** A landed record as a preview sees it. */
export interface SampleRecord extends LandedRecord {
  readonly deleted: boolean;
}

/** What an inbound plan makes of a landed record. A tombstone is for mappings of deleted records alone. */
export function readRecord(
  plan: MappingPlan,
  record: SampleRecord,
  context: MapContext,
): RecordReading {
  if (record.deleted !== plan.mapsDeleted) return { kind: 'skipped' };
  const result = plan.mapRecord(record, context);
  if (result.kind !== 'mapped') return result;
  return {
    kind: 'mapped',
    items: result.facts.map(({ noun, body }) => ({
      noun,
      ref: textOf(body['externalRef']),
      values: body,
    })),
  };
}

/** What an outbound plan makes of a document: one vendor record, field by field as `rows` name them. */
export function readDocument(
  plan: OutboundPlan,
  document: { readonly canonicalId: string; readonly data: JsonObject },
  rows: readonly string[],
  context: OutboundContext,
): RecordReading {
  const result = plan.mapDocument(document.data, context);
  if (result.kind !== 'mapped') return result;
  const { object } = plan.target;
  const values = valuesByRow(result.fields, rows);
  return { kind: 'mapped', items: [{ noun: object, ref: document.canonicalId, values }] };
}

/** A vendor record by the names of a mapping's rows: `entity.id` reaches into `entity`. Fields without a value are left out. */
export function valuesByRow(fields: JsonObject, rows: readonly string[]): JsonObject {
  const values: Record<string, Json> = {};
  for (const row of rows) {
    const value = valueAt(fields, row);
    if (value !== undefined) values[row] = value;
  }
  return values;
}

function valueAt(fields: JsonObject, row: string): Json | undefined {
  if (Object.hasOwn(fields, row)) return fields[row];
  let value: Json | undefined = fields;
  for (const part of row.split('.')) {
    if (!isObject(value) || !Object.hasOwn(value, part)) return undefined;
    value = value[part];
  }
  return value;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
