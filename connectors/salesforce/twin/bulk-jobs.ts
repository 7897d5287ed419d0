import type { TwinReply, TwinRequest } from '../../../src/sdk/twin-kit/exchange.ts';
import { createBulkDesk, gone, type BulkDesk } from './bulk-desk.ts';
import { createBulkIngestJobs } from './bulk-ingest-jobs.ts';
import { createBulkQueryJobs } from './bulk-query-jobs.ts';

export interface BulkJobs {
  /** Answers below `/services/data/vXX.0/jobs`; `parts` is the path after `jobs`. Throws the vendor's refusals. */
  answer(request: TwinRequest, version: string, parts: readonly string[]): TwinReply;
  reset(): void;
}

/** Bulk API 2.0, both ways. */
export function createBulkJobs(
  deps: Pick<BulkDesk, 'state' | 'mutations' | 'faults' | 'now'> & { readonly seed: number },
): BulkJobs {
  const desk = createBulkDesk(deps);
  const queries = createBulkQueryJobs(desk);
  const ingests = createBulkIngestJobs(desk);
  return {
    answer: (request, version, [kind, ...parts]) => {
      if (kind === 'query') return queries.answer(request, version, parts);
      if (kind === 'ingest') return ingests.answer(request, version, parts);
      throw gone();
    },
    reset: () => {
      desk.reset();
      queries.reset();
      ingests.reset();
    },
  };
}
