import type { TenantTx } from '../db/store.ts';
import { ForbiddenError, InternalError, NotFoundError, StaleError } from '../kernel/errors.ts';
import { foldCase } from '../kernel/fold-case.ts';
import { newId } from '../kernel/ids.ts';
import type { SeatAnswer } from './seat-answer.ts';

/** A seat of a product for a login, by the login's name on its connection. */
export interface SeatClaim {
  readonly connection: string;
  readonly userName: string;
  /** Our part number. */
  readonly product: string;
}

/** A seat that was asked for, with the answer. */
export interface SeatRequest extends SeatClaim {
  readonly id: string;
  readonly channel: 'api' | 'scim';
  readonly status: 'granted' | 'waiting' | 'blocked' | 'declined' | 'ended';
  readonly answer: SeatAnswer;
  readonly askedBy: string;
  readonly personId: string | null;
  readonly reason: string | null;
  readonly askedAt: Date;
  readonly decidedBy: string | null;
  readonly decidedAt: Date | null;
  readonly decision: string | null;
  /** Until when a granted one holds its right without its seat being seen. */
  readonly heldUntil: Date | null;
}

const COLUMNS = `q.id, q.connection, q.user_name as "userName", q.product, q.channel, q.status, q.answer,
  q.asked_by as "askedBy", q.person_id as "personId", q.reason, q.asked_at as "askedAt", q.decided_by as "decidedBy",
  q.decided_at as "decidedAt", q.decision, q.held_until as "heldUntil"`;

/** Requests, newest first. */
export function listSeatRequests(
  tx: TenantTx,
  filter: {
    readonly status?: SeatRequest['status'] | undefined;
    readonly product?: string | undefined;
    readonly before?: string | undefined;
    readonly limit: number;
  },
): Promise<readonly SeatRequest[]> {
  return tx.sql<SeatRequest>(
    `select ${COLUMNS} from seat_request q
     where ($1::text is null or q.status = $1) and ($2::text is null or q.product = $2) and ($3::text is null or q.id < $3)
     order by q.id desc limit $4`,
    [filter.status ?? null, filter.product ?? null, filter.before ?? null, filter.limit],
  );
}

/** One request, locked where it is about to change. Throws NotFoundError. */
async function getSeatRequest(
  tx: TenantTx,
  id: string,
  lock: '' | 'for update' = '',
): Promise<SeatRequest> {
  const [row] = await tx.sql<SeatRequest>(
    `select ${COLUMNS} from seat_request q where q.id = $1 ${lock}`,
    [id],
  );
  if (row !== undefined) return row;
  throw new NotFoundError(`There is no seat request "${id}". \`trueup seats requests\` shows those there are.`); // prettier-ignore
}

/** Granted requests that hold their rights now. */
export function heldRequests(tx: TenantTx): Promise<readonly SeatRequest[]> {
  return tx.sql<SeatRequest>(
    `select ${COLUMNS} from seat_request q where q.status = 'granted' and q.held_until > app.clock() order by q.id`,
  );
}

/** The request for a claim that stands: it waits, holds its right, or was refused; null where there is none. */
export async function standingRequest(
  tx: TenantTx,
  { connection, userName, product }: SeatClaim,
): Promise<SeatRequest | null> {
  const [row] = await tx.sql<SeatRequest>(
    `select ${COLUMNS} from seat_request q where q.connection = $1 and q.user_name = $2 and q.product = $3
       and (q.status in ('waiting', 'blocked') or (q.status = 'granted' and q.held_until > app.clock()))`,
    [connection, foldCase(userName), product],
  );
  return row ?? null;
}

/** Keeps a request with its answer, in place of a refused one and of one whose time is over. The caller has its turn. */
export async function keepSeatRequest(
  tx: TenantTx,
  claim: SeatClaim,
  asked: Pick<SeatRequest, 'channel' | 'answer' | 'askedBy' | 'personId' | 'reason'> & {
    readonly holdDays: number;
  },
): Promise<SeatRequest> {
  const { connection, product } = claim;
  const userName = foldCase(claim.userName);
  await tx.run(
    `update seat_request set status = 'ended' where connection = $1 and user_name = $2 and product = $3
       and status in ('blocked', 'granted', 'waiting')`,
    [connection, userName, product],
  );
  const id = newId('srq');
  const { verdict } = asked.answer;
  const status = verdict === 'warned' ? 'granted' : verdict;
  await tx.run(
    `insert into seat_request (tenant_id, id, connection, user_name, product, channel, status, answer, asked_by, person_id, reason, held_until)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,
       case when $7 = 'granted' then app.clock() + make_interval(days => $12::int) end)`,
    [
      tx.tenantId,
      id,
      connection,
      userName,
      product,
      asked.channel,
      status,
      JSON.stringify(asked.answer),
      asked.askedBy,
      asked.personId,
      asked.reason,
      asked.holdDays,
    ],
  );
  const kept = await getSeatRequest(tx, id);
  if (kept.status !== status) throw new InternalError(`The seat request ${id} was not kept.`);
  return kept;
}

/**
 * Grants or declines what waits. Throws ForbiddenError for whoever asked, and StaleError for a request that does not wait.
 */
export async function decideSeatRequest(
  tx: TenantTx,
  id: string,
  decision: {
    readonly granted: boolean;
    readonly reason: string | null;
    readonly personId: string;
    readonly personName: string;
    readonly holdDays: number;
  },
): Promise<SeatRequest> {
  const { status, personId } = await getSeatRequest(tx, id, 'for update');
  if (status !== 'waiting')
    throw new StaleError(`The seat request ${id} is ${status}; nothing was changed.`);
  if (personId === decision.personId)
    throw new ForbiddenError(`${decision.personName} asked for the seat. Somebody else has to decide.`); // prettier-ignore
  await tx.run(
    `update seat_request set status = case when $2 then 'granted' else 'declined' end, decided_by = $3, decided_at = app.clock(),
       decision = $4, held_until = case when $2 then app.clock() + make_interval(days => $5::int) end
     where id = $1`,
    [id, decision.granted, decision.personId, decision.reason, decision.holdDays],
  );
  return getSeatRequest(tx, id);
}

/** Ends the requests for seats that were given and are taken again: they hold nothing any more. */
export async function endSeatRequests(tx: TenantTx, claims: readonly SeatClaim[]): Promise<void> {
  for (const { connection, userName, product } of claims)
    await tx.run(
      `update seat_request set status = 'ended' where connection = $1 and user_name = $2 and product = $3 and status = 'granted'`,
      [connection, foldCase(userName), product],
    );
}
