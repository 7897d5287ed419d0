import type { JsonObject } from '../kernel/hash.ts';

/** One record to write: created or updated by its external id, or updated by the vendor's own id where given. */
export interface WriteRequest {
  readonly externalId: string;
  readonly intentId: string;
  /** The vendor's id of a record that exists already and was not made by us (a customer's Account). */
  readonly vendorId: string | null;
  /** Vendor field names and values. Our two id fields are added by the connector. */
  readonly fields: JsonObject;
  /**
   * The record as it was read just before. A connector whose vendor can refuse a write to what changed since makes that
   * a condition of the write; where it did change, nothing is written and the result is `retry` with CHANGED_SINCE_READ.
   */
  readonly asRead?: AsRead | null;
  /** Which try of this intent it is, from 1 on: what became of an earlier one may not be known. */
  readonly attempt?: number;
}

export interface AsRead {
  readonly vendorId: string;
  /** The record's last change, as `readBack` gave it; null where the vendor does not say. */
  readonly changedAt: string | null;
  /** The vendor's own version of the record (an entity tag), as `readBack` gave it; null where there is none. */
  readonly version?: string | null;
}

/** The code of a write that was refused because somebody changed the record after it was read. */
export const CHANGED_SINCE_READ = 'changed_since_read';

/**
 * What became of one request. Whatever is not known for certain is `unknown`, and is settled by reading back. `retry`
 * means that surely nothing of it was applied; `retryAt` (RFC 3339) is when the vendor asked us to come back. A login
 * that no longer works has the code `auth_expired`. `mayArrive`: a call may still be on its way, so that finding nothing
 * proves nothing yet.
 */
export type WriteResult =
  | { readonly kind: 'applied'; readonly externalId: string; readonly vendorId: string | null; readonly warnings: readonly string[] }
  | { readonly kind: 'rejected'; readonly externalId: string; readonly code: string; readonly message: string; readonly field: string | null }
  | { readonly kind: 'retry'; readonly externalId: string; readonly code: string; readonly message: string; readonly retryAt?: string }
  | { readonly kind: 'unknown'; readonly externalId: string; readonly code: string; readonly message: string; readonly mayArrive: boolean }; // prettier-ignore

/** A record as the vendor holds it, with `fields` in the vocabulary and value forms of `WriteRequest.fields`. */
export interface ReadBackRecord {
  readonly externalId: string;
  readonly intentId: string | null;
  readonly vendorId: string;
  readonly fields: JsonObject;
  /** When the record last changed by the vendor's clock, RFC 3339, and by whom; absent where the vendor does not say. */
  readonly changedAt?: string | null;
  readonly changedBy?: string | null;
  /** The vendor's own version of the record, such as an entity tag; absent where it has none. */
  readonly version?: string | null;
}

/** A record as it could be cancelled, or why it cannot. `label` is what a person knows it by. */
export type CancellationOffer =
  | {
      readonly externalId: string;
      readonly vendorId: string;
      readonly label: string;
      /** The fields to write, in the forms of `WriteRequest.fields`, and what they hold now. */
      readonly fields: JsonObject;
      readonly present: JsonObject;
      readonly refused?: undefined;
    }
  | {
      readonly externalId: string;
      readonly vendorId: string;
      readonly label: string;
      /** Why it cannot be cancelled here, and what a person does instead. */
      readonly refused: string;
    };
