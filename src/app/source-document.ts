import type { JsonObject } from '../kernel/hash.ts';

/** What an outbound mapping would be given, as data. */
export interface SourceDocument {
  readonly canonicalId: string;
  /** The vendor's id of a record that we did not make, else null. */
  readonly vendorId: string | null;
  readonly data: JsonObject;
}
