import type { Faults } from '../../../src/sdk/twin-kit/faults.ts';
import type { TwinReply } from '../../../src/sdk/twin-kit/exchange.ts';
import { refusalReply, vendorError } from './vendor-error.ts';

/** Faults of the whole API name no object; rules that name one are not about it. */
const WHOLE_API = '*';

export interface ApiLimits {
  /** Counts a call; the vendor's refusal when it is one too many, null otherwise. */
  count(): TwinReply | null;
  usage(): { readonly used: number; readonly limit: number };
  reset(): void;
}

const refused = (which: string): TwinReply =>
  refusalReply(403, vendorError('REQUEST_LIMIT_EXCEEDED', `${which} Limit exceeded.`));

/**
 * The calls of 24 hours and how many are allowed. `limit` (`{ kind: 'total' | 'concurrent' }`) refuses calls before
 * that, `overload` answers that the server is unavailable.
 */
export function createApiLimits(faults: Faults, limit: number): ApiLimits {
  let used = 0;
  return {
    count: () => {
      const rule = faults.fires('limit', WHOLE_API);
      if (rule?.with?.['kind'] === 'concurrent') return refused('ConcurrentRequests (Concurrent API Requests)'); // prettier-ignore
      if (rule !== undefined || used >= limit) return refused('TotalRequests');
      used += 1;
      if (faults.fires('overload', WHOLE_API) === undefined) return null;
      return refusalReply(503, vendorError('SERVER_UNAVAILABLE', 'The server is unavailable'));
    },
    usage: () => ({ used, limit }),
    reset: () => {
      used = 0;
    },
  };
}

/** `revoke`: once it fires, every token is dead and none is granted until the plan is another one. */
export function createRevocation(faults: Faults): () => boolean {
  let revokedBy: object | null = null;
  return () => {
    const plan = faults.plan();
    if (revokedBy === plan) return true;
    if (faults.fires('revoke', WHOLE_API) === undefined) return false;
    revokedBy = plan;
    return true;
  };
}
