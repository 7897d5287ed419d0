import type { JsonObject } from '../../src/sdk/kernel.ts';
import { AuthExpired, RemoteRejected } from '../../src/sdk/kernel.ts';
import { isObject, type ScimClient } from './scim-client.ts';

/** How a directory gives its lists, as its ServiceProviderConfig says (RFC 9865 §4). */
export interface Provider {
  readonly paging: { readonly cursor: boolean; readonly index: boolean };
  /** Records a page at most; null where it does not say. */
  readonly maxPageSize: number | null;
  /** Seconds that a cursor lives; null where it does not say. */
  readonly cursorTimeout: number | null;
  /** Where the vendor documents its service; empty where it does not say. */
  readonly documentation: string;
}

const positive = (value: unknown): number | null =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : null;

/** Without `pagination` a directory pages by index, as RFC 7644 has it. */
function providerOf(config: JsonObject): Provider {
  const { pagination, documentationUri } = config;
  const declared = isObject(pagination) ? pagination : {};
  const cursor = declared['cursor'] === true;
  return {
    paging: { cursor, index: !cursor || declared['index'] === true },
    maxPageSize: positive(declared['maxPageSize']),
    cursorTimeout: positive(declared['cursorTimeout']),
    documentation: typeof documentationUri === 'string' ? documentationUri : '',
  };
}

/**
 * Reads `/ServiceProviderConfig`. A directory that has none, or does not show it to this token, is taken as one that
 * pages by index. Throws RateLimited and RemoteUnavailable: asking again later may give another answer.
 */
export async function readProvider(client: ScimClient): Promise<Provider> {
  try {
    return providerOf((await client.find('/ServiceProviderConfig')) ?? {});
  } catch (error) {
    if (error instanceof RemoteRejected || error instanceof AuthExpired) return providerOf({});
    throw error;
  }
}
