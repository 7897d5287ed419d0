import type { TenantTx } from '../db/store.ts';
import type { JsonObject } from '../kernel/hash.ts';
import type { ReplayPlaces } from '../sdk/change-events.ts';

/** Whether the changes of a connection are listened to, and since when that is so. */
export interface ChangeListener {
  readonly connection: string;
  readonly state: 'listening' | 'broken' | 'off';
  /** Why it is broken, in the other system's words or ours. */
  readonly reason: string | null;
  readonly since: Date;
}

/** Where each stream of a connection is listened on. */
export async function changePlaces(tx: TenantTx, connection: string): Promise<ReplayPlaces> {
  const rows = await tx.sql<{ stream: string; place: JsonObject }>(
    `select c.stream, c.place from change_checkpoint c where c.connection = $1`,
    [connection],
  );
  return Object.fromEntries(rows.map(({ stream, place }) => [stream, place]));
}

/** Keeps the places after a batch of hints, in the transaction that keeps the hints. Null forgets one. */
export async function keepChangePlaces(
  tx: TenantTx,
  connection: string,
  places: ReplayPlaces,
): Promise<void> {
  for (const [stream, place] of Object.entries(places)) {
    if (place === null)
      await tx.run(`delete from change_checkpoint c where c.connection = $1 and c.stream = $2`, [
        connection,
        stream,
      ]);
    else
      await tx.run(
        `insert into change_checkpoint (tenant_id, connection, stream, place) values ($1, $2, $3, $4)
         on conflict (tenant_id, connection, stream) do update set place = excluded.place, updated_at = app.clock()`,
        [tx.tenantId, connection, stream, JSON.stringify(place)],
      );
  }
}

/** Notes whether a connection is listened to; `since` moves when the state does. */
export async function noteListener(
  tx: TenantTx,
  { connection, state, reason }: Pick<ChangeListener, 'connection' | 'state' | 'reason'>,
): Promise<void> {
  await tx.run(
    `insert into change_listener (tenant_id, connection, state, reason) values ($1, $2, $3, $4)
     on conflict (tenant_id, connection) do update set reason = excluded.reason, state = excluded.state,
       since = case when change_listener.state = excluded.state then change_listener.since else app.clock() end`,
    [tx.tenantId, connection, state, reason],
  );
}

/** The listeners that are on, by connection. */
export async function listListeners(tx: TenantTx): Promise<readonly ChangeListener[]> {
  return await tx.sql<ChangeListener>(
    `select l.connection, l.state, l.reason, l.since from change_listener l where l.state <> 'off' order by l.connection`,
  );
}

/** Forgets where a connection was listened on: it is removed, or listens to something else now. */
export async function forgetChanges(tx: TenantTx, connection: string): Promise<void> {
  await tx.run(`delete from change_checkpoint c where c.connection = $1`, [connection]);
  await tx.run(`delete from change_listener l where l.connection = $1`, [connection]);
}
