import type { TenantTx } from '../db/store.ts';
import { DROPPED } from './drop-unsent.ts';

/** Writes to one object of a system of which it has yet to be seen what became of them. */
export interface WritesUnderWay {
  readonly object: string;
  readonly writes: number;
  /** A worker holds one, or its call may still be on its way. */
  readonly isBusy: boolean;
}

/**
 * What is under way to a system, by object. Everything that is open there stays as it is until the end of the transaction:
 * no worker takes it up or moves it on.
 */
export async function lockUnderWay(
  tx: TenantTx,
  connection: string,
): Promise<readonly WritesUnderWay[]> {
  return tx.sql<WritesUnderWay>(
    `with held as materialized (
       select i.object, i.state, i.lease_until from intent i where i.connection = $1
         and (i.state in ('PLANNED', 'LEASED', 'SENT', 'UNKNOWN', 'CONFLICT', 'QUARANTINED') or (i.state = 'APPLIED' and not i.read_back))
       order by i.id for update)
     select held.object, count(*)::int as writes,
       bool_or(held.state in ('LEASED', 'SENT') or coalesce(held.lease_until > app.clock(), false)) as "isBusy"
     from held where held.state in ('LEASED', 'SENT', 'UNKNOWN', 'APPLIED') group by held.object order by 1`,
    [connection],
  );
}

/** Who no longer waits to hear what became of some writes, and why. */
export interface GivenUp {
  readonly by: string;
  readonly reason: string;
}

/** What each write was when its connection was removed, in SQL. */
const WHY = `case i.state when 'PLANNED' then 'Its connection was removed before it was sent.'
  when 'QUARANTINED' then 'It was refused, and then its connection was removed.'
  when 'CONFLICT' then 'The record held something else than was written, and then its connection was removed.'
  else 'Nobody knows what became of it: its connection was removed, and ' || $2 || ' gave it up: ' || $3 end`;

/**
 * Ends what waits because of a system that is never called again: its open conflicts vanish, and what it refused, holds
 * otherwise or was never sent is dropped, with the reason. What nobody knows the fate of ends too if somebody gave it up.
 * In the transaction that removes the connection, after `lockUnderWay`. `unknown`: the ids of what was given up.
 */
export async function endConnection(
  tx: TenantTx,
  connection: string,
  givenUp: GivenUp | null = null,
): Promise<{
  readonly conflicts: number;
  readonly writes: number;
  readonly unknown: readonly string[];
}> {
  const conflicts = await tx.run(
    `update conflict c set state = 'vanished', decided_at = app.clock(), reason = 'its connection was removed'
     where c.connection = $1 and c.state = 'open'`,
    [connection],
  );
  const ended = await tx.sql<{ id: string; known: boolean }>(
    `update intent i set state = 'SUPERSEDED', settled_at = app.clock(), fence = i.fence + 1, held_back = false, lease_until = null,
       error = jsonb_build_object('code', '${DROPPED}', 'message', concat_ws(' ', ${WHY}, i.error ->> 'message'))
     from (select o.id, o.state from intent o where o.connection = $1 and (o.state in ('PLANNED', 'QUARANTINED', 'CONFLICT')
       or ($4 and (o.state = 'UNKNOWN' or (o.state = 'APPLIED' and not o.read_back))))) was
     where i.id = was.id and i.state = was.state returning i.id, was.state not in ('UNKNOWN', 'APPLIED') as known`,
    [connection, givenUp?.by ?? '', givenUp?.reason ?? '', givenUp !== null],
  );
  const unknown = ended.filter(({ known }) => !known).map(({ id }) => id);
  return { conflicts, writes: ended.length - unknown.length, unknown };
}
