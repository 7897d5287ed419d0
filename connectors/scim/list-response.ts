import type { Json, JsonObject } from '../../src/sdk/kernel.ts';
import { RemoteUnavailable } from '../../src/sdk/kernel.ts';

/** What we believe of a ListResponse: `itemsPerPage` and `startIndex` are often wrong and are not read. */
export interface ListResponse {
  /** How many records match in all; null when the directory does not say. */
  readonly total: number | null;
  readonly rows: readonly Json[];
}

/**
 * Reads a ListResponse (RFC 7644 §3.4.2). Throws RemoteUnavailable when a total is given but the member
 * Resources is not there although records were asked for.
 */
export function readListResponse(
  body: JsonObject,
  asked: { readonly path: string; readonly count: number },
): ListResponse {
  const { totalResults, Resources: resources } = body;
  const text =
    typeof totalResults === 'string' || typeof totalResults === 'number'
      ? String(totalResults)
      : '';
  const total = /^\d{1,9}$/.test(text) ? Number(text) : null;
  if (Array.isArray(resources)) return { total, rows: resources as readonly Json[] };
  if (resources !== undefined && resources !== null) {
    throw new RemoteUnavailable(
      `The directory answered ${asked.path} with Resources that are no list.`,
    );
  }
  if (total === null) {
    throw new RemoteUnavailable(
      `The directory answered ${asked.path} without totalResults and Resources: this is no SCIM list. Check the base URL.`,
    );
  }
  if (total > 0 && asked.count > 0) {
    throw new RemoteUnavailable(
      `The directory says that ${asked.path} has ${total} records but sends none of them. Ask its administrator whether the token may read them.`,
    );
  }
  return { total, rows: [] };
}
