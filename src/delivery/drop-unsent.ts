import type { TenantTx } from '../db/store.ts';

/** Of a plan's write `i`, in SQL: nothing of it is done, and nothing of it can be on its way. */
export const NOT_DONE = `i.state in ('PLANNED', 'LEASED', 'QUARANTINED')`;

/** The code of a write that somebody dropped, with the reason; of a superseded one without it something later stands. */
export const DROPPED = 'dropped';

/** Keeps what a plan wrote or means to write as it is until the end of the transaction: no worker moves it on. */
export async function lockWritesOf(tx: TenantTx, planId: string): Promise<void> {
  await tx.sql(`select i.id from intent i where i.plan_id = $1 order by i.id for update`, [planId]);
}

/**
 * Drops what a plan means to write of some records and has not done. Asked for again, an equal effect is planned again, so
 * none is taken for it. Returns how many.
 */
export async function dropUndone(
  tx: TenantTx,
  planId: string,
  externalIds: readonly string[],
): Promise<number> {
  return tx.run(
    `update intent i set state = 'SUPERSEDED', payload_hash = '', held_back = false, settled_at = app.clock(),
       lease_until = null, fence = i.fence + 1, error = $3
     where i.plan_id = $1 and i.external_id = any($2) and ${NOT_DONE}`,
    [planId, [...externalIds], JSON.stringify({ code: DROPPED, message: 'It was taken back before it was done.' })], // prettier-ignore
  );
}
