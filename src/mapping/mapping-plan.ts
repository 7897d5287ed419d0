import type { NounName } from '../canonical/nouns.ts';
import type { JsonObject } from '../kernel/hash.ts';
import type { FieldRead } from './fields-read.ts';
import type { LookupTables } from './lookups.ts';
import type { MapFailure } from './map-failure.ts';

/** A landed record, as far as mapping sees it. */
export interface LandedRecord {
  readonly id: string;
  readonly stamp: string | null;
  readonly data: JsonObject;
}

/** What a run hands to every record. Everything that mapping may know comes in here, so that a replay is exact. */
export interface MapContext {
  readonly lookups: LookupTables;
  /** The landed data of a record of the same connection, or null while it has not come. */
  landed(stream: string, id: string): JsonObject | null;
  /** When the run started, RFC 3339: the only "now" that mappings see. */
  readonly startedAt: string;
}

/** One canonical fact; `body` fits the noun's schema. */
export interface MappedFact {
  readonly noun: NounName;
  readonly body: JsonObject;
}

export type MapResult =
  | { readonly kind: 'mapped'; readonly facts: readonly MappedFact[] }
  | { readonly kind: 'skipped' }
  | MapFailure;

/** A record that another one includes: it has to be landed to be seen, and its change maps the other one again. */
export interface IncludeRef {
  readonly alias: string;
  readonly stream: string;
  readonly id: string;
}

/** A compiled inbound mapping. Pure: the same record and context give the same result. */
export interface MappingPlan {
  readonly kind: 'inbound';
  readonly id: string;
  readonly version: number;
  readonly hash: string;
  readonly source: { readonly connection: string; readonly stream: string };
  readonly target: { readonly noun: NounName };
  /** It maps tombstones, and no record that is there. */
  readonly mapsDeleted: boolean;
  /** Streams that are included, to land and to fetch. */
  readonly includes: readonly { readonly alias: string; readonly stream: string }[];
  /** Lookup tables that must be loaded. */
  readonly lookups: readonly string[];
  /** Fields of vendor records that it reads, by their first name; those of included records under their stream. */
  readonly reads: readonly FieldRead[];
  /** The texts that its expressions name: options of picklists that it tells apart are among them. */
  readonly texts: ReadonlySet<string>;
  /** Target fields that hold personal data. */
  readonly personalFields: readonly string[];
  includeRefs(record: LandedRecord): readonly IncludeRef[];
  mapRecord(record: LandedRecord, context: MapContext): MapResult;
}
