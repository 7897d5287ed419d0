import type { TenantTx } from '../../db/store.ts';
import { newId } from '../../kernel/ids.ts';
import type { EventData, EventType } from './event-types.ts';

/**
 * Keeps an event and one delivery for each endpoint that wants its type, in one statement of the caller's transaction. A
 * paused endpoint gets it when it goes on; for a disabled one it can be sent again later. Returns the event's id.
 */
export async function keepEvent<Type extends EventType>(
  tx: TenantTx,
  event: {
    readonly type: Type;
    /** What it is about, such as `plan:pln_…`. */
    readonly subject: string;
    readonly data: EventData<Type>;
    /** Not again what was told of the same subject. */
    readonly once?: boolean;
    /** The only endpoint that gets it, whatever it subscribes to; it is sent by whoever asked. */
    readonly only?: string;
  },
): Promise<string> {
  const id = newId('evt');
  await tx.run(
    `with told as (
       insert into hub_event (tenant_id, id, type, subject, data) select $1, $2, $3, $4, $5
       where not ($7 and exists (select from hub_event v where v.subject = $4 and v.type = $3))
       returning hub_event.tenant_id, hub_event.id)
     insert into webhook_delivery (tenant_id, endpoint_id, event_id)
     select told.tenant_id, e.id, told.id from told join webhook_endpoint e on e.tenant_id = told.tenant_id
     where case when $6::text is not null then e.id = $6
       else e.status <> 'disabled' and (cardinality(e.types) = 0 or $3 = any(e.types)) end`,
    [tx.tenantId, id, event.type, event.subject, JSON.stringify(event.data), event.only ?? null, event.once === true], // prettier-ignore
  );
  return id;
}

/** What is sent again: one event, or those of a time. */
export type ReplayRange =
  | { readonly eventId: string }
  | {
      readonly since: Date;
      readonly until: Date | null;
      /** Also what the endpoint has taken already. */
      readonly delivered: boolean;
    };

/**
 * Makes events of the past due for an endpoint, at once and with fresh attempts: those that it did not get, also from
 * before it was there. One that is being sent now is left alone. Returns how many.
 */
export async function replayEvents(
  tx: TenantTx,
  endpointId: string,
  range: ReplayRange,
): Promise<number> {
  const one = 'eventId' in range ? range.eventId : null;
  const [since, until, again] = 'eventId' in range ? [null, null, true] : [range.since, range.until, range.delivered]; // prettier-ignore
  return tx.run(
    `insert into webhook_delivery as d (tenant_id, endpoint_id, event_id)
     select v.tenant_id, e.id, v.id from hub_event v join webhook_endpoint e on e.tenant_id = v.tenant_id and e.id = $1
     where case when $2::text is not null then v.id = $2
       else v.at >= $3 and ($4::timestamptz is null or v.at < $4) and v.type <> 'webhook.test'
         and (cardinality(e.types) = 0 or v.type = any(e.types)) end
     on conflict (tenant_id, endpoint_id, event_id) do update
       set state = 'waiting', due_at = app.clock(), attempts = 0, settled_at = null
       where d.state in ('failed', 'waiting') or (d.state = 'delivered' and $5)`,
    [endpointId, one, since, until, again],
  );
}

/** Removes events that were told so many days ago and wait nowhere, with their deliveries; at most so many. */
export async function removeOldEvents(tx: TenantTx, days: number, limit: number): Promise<number> {
  const rows = await tx.sql<{ id: string }>(
    `select v.id from hub_event v where v.at < (select app.clock()) - make_interval(days => $1)
       and not exists (select from webhook_delivery d where d.tenant_id = v.tenant_id and d.event_id = v.id and d.due_at is not null)
     order by v.at limit $2`,
    [days, limit],
  );
  if (rows.length === 0) return 0;
  const ids = rows.map(({ id }) => id);
  await tx.run(`delete from webhook_attempt a where a.event_id = any($1)`, [ids]);
  await tx.run(`delete from webhook_delivery d where d.event_id = any($1)`, [ids]);
  return tx.run(`delete from hub_event v where v.id = any($1)`, [ids]);
}

/**
 * The causes that are open and were not told of, of which webhooks are told from now on; those that are gone are
 * forgotten, and count as new when they come back.
 */
export async function takeNewCauses(
  tx: TenantTx,
  open: readonly string[],
): Promise<ReadonlySet<string>> {
  await tx.run(`delete from told_cause t where t.cause <> all($1)`, [[...open]]);
  const rows = await tx.sql<{ cause: string }>(
    `insert into told_cause (tenant_id, cause) select app.tenant(), c from unnest($1::text[]) as c
     on conflict do nothing returning told_cause.cause`,
    [[...open]],
  );
  return new Set(rows.map(({ cause }) => cause));
}
