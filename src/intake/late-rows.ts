import type { TenantTx } from '../db/store.ts';
import type { SourceRecord } from '../sdk/record.ts';

/**
 * Counts the records of a page that a former, certified read should have met by their stamp and did not, with the
 * stream of the run. `created` were never held, `restamped` with another stamp. A content that changed under the same
 * stamp is not among them: then other fields are read than before, or a record that it includes changed.
 */
export async function noteLate(
  tx: TenantTx,
  read: { readonly runId: string; readonly stream: string; readonly since?: string | null },
  landed: {
    readonly created: readonly SourceRecord[];
    readonly restamped: readonly SourceRecord[];
  },
): Promise<number> {
  const since = read.since ?? null;
  if (since === null) return 0;
  const all = [...landed.created, ...landed.restamped];
  const late = all.filter(({ stamp }) => stamp !== null && stamp < since).length;
  if (late === 0) return 0;
  await tx.run(`update run_stream set late = late + $3 where run_id = $1 and stream = $2`, [
    read.runId,
    read.stream,
    late,
  ]);
  return late;
}
