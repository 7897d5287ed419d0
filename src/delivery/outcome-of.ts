import type { JsonObject } from '../kernel/hash.ts';
import type { WriteResult } from '../sdk/write.ts';

/** Where the connector's answer leaves an intent. No answer at all is an unknown one. */
export function outcomeOf(result: WriteResult | undefined): {
  state: string;
  /** True where a call may still be on its way. */
  keep?: boolean;
  /** When the vendor asked us to come back, RFC 3339. */
  come_back?: string;
  result: JsonObject | null;
  error: JsonObject | null;
} {
  if (result === undefined)
    return {
      state: 'UNKNOWN',
      keep: true,
      result: null,
      error: { code: 'no_answer', message: 'The vendor gave no result for this record.' },
    };
  switch (result.kind) {
    case 'applied':
      return {
        state: 'APPLIED',
        result: { vendorId: result.vendorId, warnings: result.warnings },
        error: null,
      };
    case 'rejected':
      return {
        state: 'QUARANTINED',
        result: null,
        error: { code: result.code, message: result.message, field: result.field },
      };
    case 'retry':
      return {
        state: 'PLANNED',
        ...(result.retryAt === undefined ? {} : { come_back: result.retryAt }),
        result: null,
        error: { code: result.code, message: result.message },
      };
    case 'unknown':
      return {
        state: 'UNKNOWN',
        keep: result.mayArrive,
        result: null,
        error: { code: result.code, message: result.message },
      };
  }
}
