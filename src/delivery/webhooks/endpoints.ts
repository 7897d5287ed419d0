import type { TenantTx } from '../../db/store.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';

export const ENDPOINT_STATES = ['active', 'paused', 'disabled'] as const;
export type EndpointStatus = (typeof ENDPOINT_STATES)[number];

/** Where events are sent. */
export interface WebhookEndpoint {
  readonly id: string;
  readonly url: string;
  readonly description: string;
  /** None: all of them. */
  readonly types: readonly string[];
  readonly status: EndpointStatus;
  readonly disabledReason: string | null;
  readonly allowPrivateNetwork: boolean;
  readonly previousUntil: Date | null;
  readonly restUntil: Date | null;
  readonly silences: number;
  readonly failingSince: Date | null;
  readonly deliveredAt: Date | null;
  readonly createdAt: Date;
  readonly createdBy: string;
  /** Events that wait or are being sent. */
  readonly waiting: number;
  /** Events that were given up. */
  readonly failed: number;
}

/** The columns of an endpoint, as `e`. */
const COLUMNS = `e.id, e.url, e.description, e.types, e.status, e.disabled_reason as "disabledReason",
  e.allow_private_network as "allowPrivateNetwork", e.previous_until as "previousUntil", e.rest_until as "restUntil",
  e.silences, e.failing_since as "failingSince", e.delivered_at as "deliveredAt", e.created_at as "createdAt",
  e.created_by as "createdBy",
  (select count(*)::int from webhook_delivery d where d.tenant_id = e.tenant_id and d.endpoint_id = e.id and d.due_at is not null) as waiting,
  (select count(*)::int from webhook_delivery d where d.tenant_id = e.tenant_id and d.endpoint_id = e.id and d.state = 'failed') as failed`;

/** Every endpoint, oldest first. */
export async function listEndpoints(tx: TenantTx): Promise<readonly WebhookEndpoint[]> {
  return tx.sql<WebhookEndpoint>(`select ${COLUMNS} from webhook_endpoint e order by e.id`);
}

/** One endpoint; `lock` keeps it as it is until the commit. Throws NotFoundError. */
export async function getEndpoint(
  tx: TenantTx,
  id: string,
  options: { readonly lock?: boolean } = {},
): Promise<WebhookEndpoint> {
  const [row] = await tx.sql<WebhookEndpoint>(
    `select ${COLUMNS} from webhook_endpoint e where e.id = $1 ${options.lock === true ? 'for update' : ''}`,
    [id],
  );
  if (row !== undefined) return row;
  throw new NotFoundError(
    `There is no webhook endpoint "${id}". \`trueup webhooks list\` shows those there are.`,
  );
}

/** How many endpoints there are; one that is being added elsewhere is waited for. */
export async function countEndpoints(tx: TenantTx): Promise<number> {
  await tx.sql(
    `select pg_advisory_xact_lock(hashtextextended('webhook_endpoints:' || app.tenant(), 0))`,
  );
  const [row] = await tx.sql<{ count: number }>(
    `select count(*)::int as count from webhook_endpoint e`,
  );
  return row?.count ?? 0;
}

/** Adds an endpoint, active. */
export async function addEndpoint(
  tx: TenantTx,
  endpoint: Pick<
    WebhookEndpoint,
    'url' | 'description' | 'types' | 'allowPrivateNetwork' | 'createdBy'
  >,
): Promise<WebhookEndpoint> {
  const id = newId('whe');
  await tx.run(
    `insert into webhook_endpoint (tenant_id, id, url, description, types, allow_private_network, created_by)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      tx.tenantId,
      id,
      endpoint.url,
      endpoint.description,
      [...endpoint.types],
      endpoint.allowPrivateNetwork,
      endpoint.createdBy,
    ],
  );
  return getEndpoint(tx, id);
}

/** Stores what a person changed of an endpoint; `isRenewed` forgets whatever it suffered from before. */
export async function saveEndpoint(
  tx: TenantTx,
  { id, url, description, types, status, allowPrivateNetwork }: WebhookEndpoint,
  { isRenewed }: { readonly isRenewed: boolean },
): Promise<WebhookEndpoint> {
  const forgotten = `, disabled_reason = null, rest_until = null, silences = 0, failing_since = null`;
  await tx.run(
    `update webhook_endpoint e set url = $2, description = $3, types = $4, status = $5, allow_private_network = $6
       ${isRenewed ? forgotten : ''} where e.id = $1`,
    [id, url, description, [...types], status, allowPrivateNetwork],
  );
  return getEndpoint(tx, id);
}

/** Until when the secret before the present one signs; null where it does no more. */
export async function previousSignsUntil(tx: TenantTx, id: string): Promise<Date | null> {
  const [row] = await tx.sql<{ until: Date }>(
    `select e.previous_until as until from webhook_endpoint e where e.id = $1 and e.previous_until > app.clock()`,
    [id],
  );
  return row?.until ?? null;
}

/** The secret before the present one signs for so many hours more. */
export async function keepPrevious(
  tx: TenantTx,
  id: string,
  hours: number,
): Promise<WebhookEndpoint> {
  await tx.run(
    `update webhook_endpoint e set previous_until = app.clock() + make_interval(hours => $2) where e.id = $1`,
    [id, hours],
  );
  return getEndpoint(tx, id);
}

/** Takes an endpoint away, with all that was sent to it. */
export async function removeEndpoint(tx: TenantTx, id: string): Promise<void> {
  await tx.run(`delete from webhook_attempt a where a.endpoint_id = $1`, [id]);
  await tx.run(`delete from webhook_delivery d where d.endpoint_id = $1`, [id]);
  await tx.run(`delete from webhook_endpoint e where e.id = $1`, [id]);
}

/**
 * Disables an endpoint; what waits for it is given up, and can be sent again from the day on which it is mended. False if
 * it was not active.
 */
export async function disableEndpoint(tx: TenantTx, id: string, reason: string): Promise<boolean> {
  const disabled = await tx.run(
    `update webhook_endpoint e set status = 'disabled', disabled_reason = $2, rest_until = null
     where e.id = $1 and e.status = 'active'`,
    [id, reason],
  );
  if (disabled === 0) return false;
  await tx.run(
    `update webhook_delivery d set state = 'failed', due_at = null, fence = d.fence + 1, settled_at = app.clock(),
       last_error = coalesce(d.last_error, 'the endpoint was disabled')
     where d.endpoint_id = $1 and d.due_at is not null`,
    [id],
  );
  return true;
}
