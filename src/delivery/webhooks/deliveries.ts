import type { TenantTx } from '../../db/store.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import type { JsonObject } from '../../kernel/hash.ts';
import type { Answered, NextStep } from './schedule.ts';

export const DELIVERY_STATES = ['waiting', 'sending', 'delivered', 'failed'] as const;
type DeliveryState = (typeof DELIVERY_STATES)[number];

/** One event on its way to one endpoint. */
export interface WebhookDelivery {
  readonly endpointId: string;
  readonly eventId: string;
  readonly type: string;
  readonly subject: string;
  readonly data: JsonObject;
  /** When it happened. */
  readonly at: Date;
  readonly state: DeliveryState;
  /** Calls since it was told or last sent again. */
  readonly attempts: number;
  /** When it is sent next; null once it is settled. */
  readonly dueAt: Date | null;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  readonly settledAt: Date | null;
}

/** One call. */
export interface WebhookAttempt {
  readonly number: number;
  readonly at: Date;
  readonly status: number | null;
  readonly error: string | null;
  readonly ms: number;
}

/** A delivery in hand: its fence is checked with the change of its state. */
export interface LeasedDelivery extends WebhookDelivery {
  readonly fence: number;
  /** By the database clock; it is what the signature is stamped with. */
  readonly sentAt: Date;
}

/** A leased delivery, what was answered, and what follows. */
export interface Attempted {
  readonly delivery: LeasedDelivery;
  readonly answer: Answered;
  readonly next: NextStep;
  readonly ms: number;
}

const COLUMNS = `d.endpoint_id as "endpointId", d.event_id as "eventId", v.type, v.subject, v.data, v.at, d.state, d.attempts,
  d.due_at as "dueAt", d.last_status as "lastStatus", d.last_error as "lastError", d.settled_at as "settledAt"`;
const JOINED = `webhook_delivery d join hub_event v on v.tenant_id = d.tenant_id and v.id = d.event_id`;
/** May be sent to now. */
const OPEN = `e.status = 'active' and (e.rest_until is null or e.rest_until <= (select app.clock()))`;

/** Endpoints to which something is due, but for those that are being served. */
export async function dueEndpoints(
  tx: TenantTx,
  butOf: readonly string[] = [],
): Promise<readonly string[]> {
  const rows = await tx.sql<{ id: string }>(
    `select e.id from webhook_endpoint e where ${OPEN} and e.id <> all($1)
       and exists (select from webhook_delivery d where d.tenant_id = e.tenant_id and d.endpoint_id = e.id
         and d.due_at <= (select app.clock()))`,
    [[...butOf]],
  );
  return rows.map(({ id }) => id);
}

/**
 * Takes up to `most` due events of one endpoint, oldest due first, among them what a worker that died was sending. Where
 * the last call had no answer only one is taken, to see whether the receiver is back. `eventId`: this one alone, whatever
 * the endpoint's state.
 */
export async function leaseDeliveries(
  tx: TenantTx,
  endpointId: string,
  limits: { readonly most: number; readonly leaseSeconds: number; readonly eventId?: string },
): Promise<readonly LeasedDelivery[]> {
  return tx.sql<LeasedDelivery>(
    `update webhook_delivery d set state = 'sending', fence = d.fence + 1, due_at = app.clock() + make_interval(secs => $3)
     from hub_event v
     where v.tenant_id = d.tenant_id and v.id = d.event_id and (d.tenant_id, d.endpoint_id, d.event_id) in (
       select d.tenant_id, d.endpoint_id, d.event_id
       from webhook_delivery d join webhook_endpoint e on e.tenant_id = d.tenant_id and e.id = d.endpoint_id
       where d.endpoint_id = $1 and d.due_at <= app.clock() and case when $4::text is null then ${OPEN} else d.event_id = $4 end
       order by d.due_at, d.event_id
       limit (select case when o.silences > 0 then 1 else $2 end from webhook_endpoint o where o.id = $1)
       for update of d skip locked)
     returning ${COLUMNS}, d.fence, app.clock() as "sentAt"`,
    [endpointId, limits.most, limits.leaseSeconds, limits.eventId ?? null],
  );
}

/**
 * Keeps what became of some calls to one endpoint, and moves their deliveries on. A worker that lost its lease moves
 * nothing: whoever took over sends it again, and the receiver knows it by its id.
 */
export async function recordAttempts(
  tx: TenantTx,
  endpointId: string,
  attempted: readonly Attempted[],
): Promise<void> {
  const rows = attempted.map(({ delivery, answer, next, ms }) => ({ id: delivery.eventId, fence: delivery.fence, at: delivery.sentAt.toISOString(), status: answer.status, error: answer.error, ms: Math.round(ms), state: next.state, wait: next.waitS })); // prettier-ignore
  const given = [endpointId, JSON.stringify(rows)];
  await tx.run(
    `insert into webhook_attempt (tenant_id, endpoint_id, event_id, number, at, status, error, ms)
     select app.tenant(), $1, h.id, h.fence, h.at, h.status, h.error, h.ms
     from jsonb_to_recordset($2::jsonb) as h (id text, fence bigint, at timestamptz, status int, error text, ms int)
     on conflict do nothing`,
    given,
  );
  await tx.run(
    `update webhook_delivery d set state = h.state, attempts = d.attempts + 1, last_status = h.status, last_error = h.error,
       due_at = case when h.state = 'waiting' then app.clock() + make_interval(secs => h.wait) end,
       settled_at = case when h.state <> 'waiting' then app.clock() end
     from jsonb_to_recordset($2::jsonb) as h (id text, fence bigint, state text, status int, error text, wait double precision)
     where d.endpoint_id = $1 and d.event_id = h.id and d.fence = h.fence and d.state = 'sending'`,
    given,
  );
}

/**
 * Keeps what some calls say about their endpoint: that it takes events, or for how long to leave it alone. One that is back
 * gets within a minute what waits for it, whatever each was to wait for. `pauseS` leaves alone one that answers, but slowly.
 * Returns since when nothing has arrived, in seconds; 0 while something does.
 */
export async function noteEndpoint(
  tx: TenantTx,
  endpointId: string,
  seen: { readonly arrived: boolean; readonly restS: number; readonly pauseS: number },
): Promise<number> {
  if (seen.arrived) await tx.run(CALL_BACK, [endpointId]);
  const [row] = await tx.sql<{ seconds: number }>(
    `update webhook_endpoint e set
       failing_since = case when $2 then null else coalesce(e.failing_since, app.clock()) end,
       delivered_at = case when $2 then app.clock() else e.delivered_at end,
       silences = case when $3::float8 > 0 then least(e.silences + 1, 1000) else 0 end,
       rest_until = case when greatest($3::float8, $4::float8) > 0 then app.clock() + make_interval(secs => greatest($3::float8, $4::float8)) end
     where e.id = $1
     returning coalesce(extract(epoch from app.clock() - e.failing_since), 0)::float8 as seconds`,
    [endpointId, seen.arrived, seen.restS, seen.pauseS],
  );
  return row?.seconds ?? 0;
}

const CALL_BACK = `update webhook_delivery d set due_at = least(d.due_at, app.clock() + random() * interval '1 minute')
  from webhook_endpoint e where e.tenant_id = d.tenant_id and e.id = d.endpoint_id and e.id = $1 and e.silences > 0
    and d.state = 'waiting'`;

/** What a delivery says of itself that could have gone out for too long: its endpoint was paused all the while. */
const WAITED_TOO_LONG = 'It waited too long for its endpoint to go on.';

/**
 * Gives up what has been due for so many days, at most so many; it can be sent again for as long as its event is kept.
 * Returns how many of each endpoint.
 */
export async function giveUpWaiting(
  tx: TenantTx,
  days: number,
  limit: number,
): Promise<ReadonlyMap<string, number>> {
  const rows = await tx.sql<{ endpointId: string }>(
    `update webhook_delivery d set state = 'failed', due_at = null, fence = d.fence + 1, settled_at = app.clock(), last_error = $3
     where (d.tenant_id, d.endpoint_id, d.event_id) in (
       select d.tenant_id, d.endpoint_id, d.event_id from webhook_delivery d
       where d.due_at < (select app.clock()) - make_interval(days => $1) order by d.due_at limit $2 for update skip locked)
     returning d.endpoint_id as "endpointId"`,
    [days, limit, WAITED_TOO_LONG],
  );
  const byEndpoint = Map.groupBy(rows, ({ endpointId }) => endpointId);
  return new Map([...byEndpoint].map(([id, list]) => [id, list.length]));
}

/** Paused endpoints of which something has been due for so many days, or was given up for that. */
export async function forgottenEndpoints(tx: TenantTx, days: number): Promise<ReadonlySet<string>> {
  const rows = await tx.sql<{ id: string }>(
    `select e.id from webhook_endpoint e where e.status = 'paused' and exists (select from webhook_delivery d
       where d.tenant_id = e.tenant_id and d.endpoint_id = e.id
         and (d.due_at < (select app.clock()) - make_interval(days => $1) or (d.state = 'failed' and d.last_error = $2)))`,
    [days, WAITED_TOO_LONG],
  );
  return new Set(rows.map(({ id }) => id));
}

/** What is, or was, on its way to an endpoint; newest event first. */
export async function listDeliveries(
  tx: TenantTx,
  endpointId: string,
  filter: {
    readonly state?: string | undefined;
    readonly before?: string | undefined;
    readonly limit: number;
  },
): Promise<readonly WebhookDelivery[]> {
  return tx.sql<WebhookDelivery>(
    `select ${COLUMNS} from ${JOINED} where d.endpoint_id = $1 and ($2::text is null or d.state = $2)
       and ($3::text is null or d.event_id < $3) order by d.event_id desc limit $4`,
    [endpointId, filter.state ?? null, filter.before ?? null, filter.limit],
  );
}

/** One delivery with its calls, oldest first. Throws NotFoundError. */
export async function getDelivery(
  tx: TenantTx,
  endpointId: string,
  eventId: string,
): Promise<WebhookDelivery & { readonly calls: readonly WebhookAttempt[] }> {
  const [row] = await tx.sql<WebhookDelivery>(
    `select ${COLUMNS} from ${JOINED} where d.endpoint_id = $1 and d.event_id = $2`,
    [endpointId, eventId],
  );
  if (row === undefined)
    throw new NotFoundError(
      `Event "${eventId}" was never on its way to endpoint "${endpointId}". \`trueup webhooks deliveries ${endpointId}\` shows what was.`,
    );
  const calls = await tx.sql<WebhookAttempt>(
    `select a.number, a.at, a.status, a.error, a.ms from webhook_attempt a
     where a.endpoint_id = $1 and a.event_id = $2 order by a.number`,
    [endpointId, eventId],
  );
  return { ...row, calls };
}
