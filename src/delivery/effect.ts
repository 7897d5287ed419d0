import type { JsonObject } from '../kernel/hash.ts';

/** One version of a mapping. */
export interface MappingRef {
  readonly id: string;
  readonly version: number;
}

/** What one record of one connected system shall look like. Rooms give effects as data; delivery makes them intents. */
export interface Effect {
  readonly connection: string;
  readonly object: string;
  /** What the record stands for here, without a version: `deal:…`, an entitlement, a renewal. */
  readonly canonicalId: string;
  /** The vendor's id of a record that we did not make (an Account), else null. */
  readonly vendorId: string | null;
  /** Vendor field names and values, as the outbound mapping gave them. */
  readonly fields: JsonObject;
  /** The outbound mapping version that gave the fields; null for what no mapping made. */
  readonly mapping?: MappingRef | null;
  /**
   * The hash of an earlier effect whose record this one brings back. An effect equal to that one is then taken to be
   * written, though a person may have changed the record since.
   */
  readonly standsFor?: string | null;
  /** A person asked for exactly these values, so no rule of a field is asked. */
  readonly asDecided?: boolean;
}
