import * as z from 'zod';
import { CalendarDate, Instant, Sha256 } from './fields.ts';

/**
 * One computation of all positions and findings. The same `asOf`, `knownAt` and rule versions give the same
 * `resultHash` (invariant L5).
 */
export const ReconciliationRun = z.strictObject({
  id: z.string(),
  cycleRef: z.string().optional(),
  asOf: CalendarDate,
  knownAt: Instant,
  /** Version of each metric, detector and identity rule that took part, by its name. */
  ruleVersions: z.record(z.string(), z.number().int().positive()),
  /** Version of each rule set in force, and edition of each table of factors, by its name. */
  ruleSets: z.record(z.string(), z.string()).optional(),
  factorTables: z.record(z.string(), z.string()).optional(),
  inputHash: Sha256,
  resultHash: Sha256,
  status: z.enum(['computed', 'failed', 'superseded']),
  startedAt: Instant,
  finishedAt: Instant,
});
export type ReconciliationRun = z.infer<typeof ReconciliationRun>;
