import type { TenantTx } from '../db/store.ts';
import type { WorkKey } from './outbox.ts';

/** Why work is stuck: its job and what it failed with, whatever it was about. */
export interface StuckCause {
  readonly id: string;
  readonly job: string;
  readonly message: string;
  readonly count: number;
  readonly attempts: number;
  readonly firstSeen: Date;
}

const CAUSE = `app.error_cause(array['work', w.job, app.cause_text(w.last_error)])`;

/** The causes of work whose attempts are used up, oldest first; one of them alone if asked for. */
export async function stuckCauses(tx: TenantTx, cause?: string): Promise<readonly StuckCause[]> {
  return tx.sql<StuckCause>(
    `select ${CAUSE} as id, min(w.job) as job, coalesce(min(w.last_error), '') as message, count(*)::int as count,
       max(w.attempts) as attempts, min(w.requested_at) as "firstSeen"
     from outbox w where w.not_before = 'infinity' and ($1::text is null or ${CAUSE} = $1)
     group by 1 order by "firstSeen", 1`,
    [cause ?? null],
  );
}

/** Work that is stuck for one cause, oldest first. */
export async function stuckBy(
  tx: TenantTx,
  cause: string,
  limit: number,
): Promise<
  readonly (WorkKey & {
    readonly message: string;
    readonly attempts: number;
    readonly since: Date;
  })[]
> {
  return tx.sql(
    `select w.job, w.key, coalesce(w.last_error, '') as message, w.attempts, w.requested_at as since
     from outbox w where w.not_before = 'infinity' and ${CAUSE} = $1 order by w.requested_at, w.key limit $2`,
    [cause, limit],
  );
}
