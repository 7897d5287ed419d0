import type { Json, JsonObject } from '../kernel/hash.ts';
import type { ComparedItem, Outcome } from '../mapping/compare-readings.ts';
import { sourceText, type MapFailure } from '../mapping/map-failure.ts';
import type { RecordReading } from '../mapping/reading.ts';
import type { MappingBench } from './mapping-bench.ts';

type RowError = Omit<MapFailure, 'kind'>;

/** One target field of one item. */
export interface PreviewField {
  readonly field: string;
  /** What the row of the draft reads: a path or an expression; null for a fixed value, or where there is no row. */
  readonly path: string | null;
  readonly draft: Json;
  readonly live: Json;
  readonly present: Json;
  readonly differs: boolean;
  readonly changes: boolean;
  readonly error: RowError | null;
}

export interface PreviewItem extends Omit<ComparedItem, 'fields'> {
  readonly fields: readonly PreviewField[];
}

/** One record under the draft, under what is in effect, and as the target holds it. */
export interface PreviewRecord {
  readonly id: string;
  /** Why it is in the sample. */
  readonly why: readonly string[];
  readonly deleted: boolean;
  /** The record itself, as it landed; of an outbound mapping, the document. */
  readonly source: JsonObject;
  readonly kind: RecordReading['kind'];
  readonly outcome: Outcome;
  readonly error: RowError | null;
  readonly liveKind: RecordReading['kind'] | null;
  readonly liveError: RowError | null;
  readonly items: readonly PreviewItem[];
  /** False where the target could not be read, so that `present` says nothing. */
  readonly presentKnown: boolean;
}

export interface Preview {
  readonly mapping: string;
  readonly connection: string;
  readonly object: string;
  readonly hash: string;
  readonly liveHash: string | null;
  readonly records: readonly PreviewRecord[];
  /** What a person has to know beside the records. */
  readonly notes: readonly string[];
}

/** The failure of a reading; null where it mapped. */
export function errorOf(reading: RecordReading): RowError | null {
  if (reading.kind !== 'failed') return null;
  const { code, message, row, path } = reading;
  return { code, message, row, path };
}

/** The compared fields with the row of the draft that each comes from. */
export function withPaths(bench: MappingBench, item: ComparedItem): PreviewItem {
  const rows = bench.draft.mapping.document.fields;
  const fields = item.fields.map((field) => {
    const row = rows[field.field];
    return { ...field, path: row === undefined ? null : sourceText(row), error: null };
  });
  return { ...item, fields };
}
