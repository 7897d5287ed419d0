import type { Json, JsonObject } from '../kernel/hash.ts';
import type { Money } from '../kernel/money.ts';

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
  /**
   * The values that the other side may hold of each field (`entity.id`) for it to be written: what holds another by then
   * was changed since, and is left alone. A field that is not named is written.
   */
  readonly expects?: Readonly<Record<string, readonly Json[]>>;
  /** The change request that this brings back. */
  readonly changeId?: string | null;
  /** What it is about in the business, for those who decide about it; no part of what is written. */
  readonly about?: EffectSubject | null;
}

/** The products and the money that an effect is about. */
export interface EffectSubject {
  readonly products: readonly string[];
  /** The CRM account of the customer, where the document names it. */
  readonly account: string | null;
  readonly worth: Money | null;
}
