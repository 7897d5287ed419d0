import type { JsonObject } from '../kernel/hash.ts';

/** One record to write: created or updated by its external id, or updated by the vendor's own id where given. */
export interface WriteRequest {
  readonly externalId: string;
  readonly intentId: string;
  /** The vendor's id of a record that exists already and was not made by us (a customer's Account). */
  readonly vendorId: string | null;
  /** Vendor field names and values. Our two id fields are added by the connector. */
  readonly fields: JsonObject;
}

/**
 * What became of one request. Whatever is not known for certain is `unknown`, and is settled by reading back. `retry`
 * means that surely nothing of it was applied. A login that no longer works has the code `auth_expired`. `mayArrive`:
 * a call may still be on its way, so that finding nothing proves nothing yet.
 */
export type WriteResult =
  | { readonly kind: 'applied'; readonly externalId: string; readonly vendorId: string | null; readonly warnings: readonly string[] }
  | { readonly kind: 'rejected'; readonly externalId: string; readonly code: string; readonly message: string; readonly field: string | null }
  | { readonly kind: 'retry'; readonly externalId: string; readonly code: string; readonly message: string }
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
}
