import type { TenantTx } from '../db/store.ts';

/** What of delivery waits for a person's word, in counts. */
export interface WaitingForPeople {
  /** Plans to be approved, but for those that a held run keeps. */
  readonly plans: number;
  /** Late deals of which somebody has to say what they are. */
  readonly reviews: number;
  /** Runs that would change more than is allowed. */
  readonly heldRuns: number;
  /** Fields that both sides changed and no rule decides, and how many of them should have been decided by now. */
  readonly conflicts: number;
  readonly overdueConflicts: number;
}

/** Counts what waits for a person's word. */
export async function countWaitingForPeople(tx: TenantTx): Promise<WaitingForPeople> {
  const [row] = await tx.sql<WaitingForPeople>(
    `select
       (select count(*)::int from plan p where p.status = 'waiting' and not exists (select from write_hold h
         where h.tenant_id = p.tenant_id and h.id = p.hold_id and h.status = 'open')) as plans,
       (select count(*)::int from plan p where p.status = 'review') as reviews,
       (select count(*)::int from write_hold h where h.status = 'open') as "heldRuns",
       (select count(*)::int from conflict c where c.state = 'open') as conflicts,
       (select count(*)::int from conflict c where c.state = 'open' and c.due_at < app.clock()) as "overdueConflicts"`,
  );
  return row ?? { plans: 0, reviews: 0, heldRuns: 0, conflicts: 0, overdueConflicts: 0 };
}
