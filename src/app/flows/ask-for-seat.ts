import { appendAudit } from '../../audit/audit-log.ts';
import type { TenantTx } from '../../db/store.ts';
import { NotFoundError, StaleError, ValidationError } from '../../kernel/errors.ts';
import { getConnection } from '../../intake/connections.ts';
import { factsOf } from '../../ledger/facts.ts';
import {
  decideSeatRequest as decide,
  keepSeatRequest,
  listSeatRequests as list,
  standingRequest,
  type SeatClaim,
  type SeatRequest,
} from '../../licensing/seat-requests.ts';
import type { Caller } from '../../security/caller.ts';
import { companySetting } from '../company-settings.ts';
import type { Deps } from '../deps.ts';
import { takeTurnWithSeats } from '../seat-allowance.ts';
import { seatLimitsNow } from '../seat-limits.ts';
import { loadSeatWorld } from '../seat-selection.ts';

/** What somebody asks for. */
interface SeatAsked {
  /** As `SeatFilter` knows one. */
  readonly person: string;
  /** Our part number or the vendor's. */
  readonly product: string;
  readonly connection: string;
  readonly reason: string | null;
}

/**
 * Asks for a seat of a product for a person who has a login, and answers what the limits of its pool say: granted (with a warning
 * near the limit), waiting for another person, or blocked. A request that waits or holds its right already is answered again.
 * Throws NotFoundError for a login or connection that nobody knows, ValidationError for an unknown product or a person of several
 * logins, and StaleError for who holds a seat already.
 */
export function askForSeat(deps: Deps, caller: Caller, asked: SeatAsked): Promise<SeatRequest> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    await takeTurnWithSeats(tx);
    await getConnection(tx, asked.connection);
    const now = await seatLimitsNow(deps, tx);
    const claim = await claimOf(deps, tx, asked, now.catalogue.resolve(asked.connection, asked.product)); // prettier-ignore
    const standing = await standingRequest(tx, claim);
    if (standing !== null && standing.status !== 'blocked') return standing;
    const kept = await keepSeatRequest(tx, claim, {
      channel: 'api',
      answer: now.answer(claim.product, [claim]),
      askedBy: caller.actor,
      personId: caller.personId,
      reason: asked.reason,
      holdDays: now.limits.holdDays,
    });
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'seat_request.asked',
      subject: { type: 'seat_request', id: kept.id },
      details: {
        connection: kept.connection,
        product: kept.product,
        status: kept.status,
        rule: kept.answer.rule,
        reason: asked.reason,
      },
    });
    return kept;
  });
}

async function claimOf(
  deps: Deps,
  tx: TenantTx,
  { person, connection }: SeatAsked,
  product: string,
): Promise<SeatClaim> {
  if ((await factsOf(tx, 'sku', { where: { skuCode: product } })).length === 0)
    throw new ValidationError(`No source knows the part number "${product}". Name it as positions show it.`); // prettier-ignore
  const world = await loadSeatWorld(tx, deps.clock.today());
  const [login, ...others] = world.loginsOf(person, connection);
  if (login === undefined) throw new NotFoundError(`${person} has no login in ${connection}.`);
  if (others.length > 0)
    throw new ValidationError(`${person} has ${others.length + 1} logins in ${connection}. Name one by its id.`); // prettier-ignore
  const holds = world.seats.some(
    (seat) =>
      seat.connection === connection && seat.userRef === login.userRef && seat.product === product,
  );
  if (holds) throw new StaleError(`${person} holds a seat of ${product} already.`);
  return { connection, userName: login.userName, product };
}

/** Requests for seats, newest first. */
export function listSeatRequests(
  deps: Deps,
  caller: Caller,
  filter: Parameters<typeof list>[1],
): Promise<readonly SeatRequest[]> {
  return deps.store.readTenant(caller.tenantId, (tx) => list(tx, filter));
}

/**
 * Grants or declines a request that waits; a granted one holds its right from then on, and a push of the same seat passes. Throws
 * ForbiddenError for whoever asked, NotFoundError, and StaleError for one that does not wait.
 */
export function decideSeatRequest(
  deps: Deps,
  caller: Caller,
  input: { readonly id: string; readonly granted: boolean; readonly reason: string | null },
): Promise<SeatRequest> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    await takeTurnWithSeats(tx);
    const { holdDays } = await companySetting(tx, 'pools');
    const { id, granted, reason } = input;
    const { personId, personName } = caller;
    const decided = await decide(tx, id, { granted, reason, personId, personName, holdDays });
    await appendAudit(tx, {
      actor: caller.actor,
      action: granted ? 'seat_request.granted' : 'seat_request.declined',
      subject: { type: 'seat_request', id },
      details: { connection: decided.connection, product: decided.product, reason },
    });
    return decided;
  });
}
