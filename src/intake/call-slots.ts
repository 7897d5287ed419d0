import type { TenantTx } from '../db/store.ts';

/** A holder that died frees its slots this long after it last said that it lives. */
export const SLOT_SECONDS = 20;

/**
 * Takes one of the connection's slots 1 to `most`; null when all are taken. A slot is one call in flight, over all
 * processes; it is the holder's until it is freed or its lease runs out.
 */
export async function takeSlot(
  tx: TenantTx,
  connection: string,
  most: number,
  holder: string,
): Promise<number | null> {
  await tx.run(
    `insert into call_slot (tenant_id, connection, slot) select $1, $2, generate_series(1, $3::int)
     on conflict do nothing`,
    [tx.tenantId, connection, most],
  );
  const [row] = await tx.sql<{ slot: number }>(
    `update call_slot c set holder = $3, held_until = app.clock() + make_interval(secs => $4)
     where (c.tenant_id, c.connection, c.slot) in (
       select f.tenant_id, f.connection, f.slot from call_slot f
       where f.connection = $1 and f.slot <= $2 and (f.holder is null or f.held_until < app.clock())
       order by f.slot desc limit 1 for update skip locked)
     returning c.slot`,
    [connection, most, holder, SLOT_SECONDS],
  );
  return row?.slot ?? null;
}

/** Says that the holder still uses these slots. One that it took or freed without hearing so runs out by itself. */
export async function keepSlots(
  tx: TenantTx,
  connection: string,
  slots: readonly number[],
  holder: string,
): Promise<void> {
  await tx.run(
    `update call_slot set held_until = app.clock() + make_interval(secs => $4)
     where connection = $1 and slot = any($2::int[]) and holder = $3`,
    [connection, slots, holder, SLOT_SECONDS],
  );
}

/** Frees a slot that is still the holder's. */
export async function freeSlot(
  tx: TenantTx,
  connection: string,
  slot: number,
  holder: string,
): Promise<void> {
  await tx.run(
    `update call_slot set holder = null, held_until = null where connection = $1 and slot = $2 and holder = $3`,
    [connection, slot, holder],
  );
}
