import { BEGUN_PLANS } from '../delivery/plans.ts';
import type { TenantTx } from '../db/store.ts';
import { NotFoundError, ValidationError } from '../kernel/errors.ts';
import { externalIdOf } from '../kernel/ids.ts';
import type { Deps } from './deps.ts';
import type { SeatAction, SeatLine, SeatPlanBody, SeatRequest } from './seat-plan.ts';
import { loadSeatWorld, type SeatFilter } from './seat-selection.ts';

/** What a caller asks for, before it is known which seats are meant. */
export interface SeatsAsked extends SeatFilter {
  readonly action: SeatAction;
  /** For `reassign`: who gets the seat. */
  readonly to?: string | undefined;
  /** For `release`: the plan to take back; absent: the newest that acted on what the filter names. */
  readonly plan?: string | undefined;
}

/**
 * Resolves what is meant to seats, or to the records of a plan. Throws NotFoundError where nothing is meant, and
 * ValidationError where the request does not say enough.
 */
export async function resolveSeats(
  deps: Pick<Deps, 'clock'>,
  tx: TenantTx,
  asked: SeatsAsked,
): Promise<SeatRequest> {
  const { action, to, plan } = asked;
  if (action === 'release')
    return plan === undefined ? newestOf(deps, tx, asked) : { action, seats: [], planId: plan };
  if ((action === 'reassign') !== (to !== undefined))
    throw new ValidationError(
      'A seat is reassigned to somebody: give `to` with reassign, and only then.',
    );
  const seats = await (await loadSeatWorld(tx, deps.clock.today())).select(asked);
  if (action === 'reassign' && seats.length > 1)
    throw new ValidationError(`${seats.length} seats are meant, and ${to ?? ''} can get one of them. Name the connection and the product.`); // prettier-ignore
  if (seats.length === 0)
    throw new NotFoundError('Nobody holds a seat like that today, as far as the systems told. `trueup seats list` shows those there are.'); // prettier-ignore
  return {
    action,
    seats: seats.map(({ connection, seatRef }) => ({ connection, seatRef })),
    ...(to === undefined ? {} : { to }),
  };
}

/** Plans that were looked through for what was done to somebody's seats. */
const MOST_PLANS = 500;

async function newestOf(
  deps: Pick<Deps, 'clock'>,
  tx: TenantTx,
  { person, product, connection }: SeatsAsked,
): Promise<SeatRequest> {
  if (person === undefined)
    throw new ValidationError('Say what shall be as it was: a plan, or a person whose seats were acted on.'); // prettier-ignore
  const world = await loadSeatWorld(tx, deps.clock.today());
  const plans = await tx.sql<{ readonly id: string; readonly body: SeatPlanBody }>(
    `select p.id, p.body from plan p where p.kind = 'seats' and p.status in ${BEGUN_PLANS}
       and p.body -> 'seats' -> 'request' ->> 'action' <> 'release' order by p.created_at desc limit $1`,
    [MOST_PLANS],
  );
  const isMeant = (line: SeatLine): boolean =>
    (product === undefined || line.product === product) &&
    (connection === undefined || line.connection === connection) &&
    world.loginsOf(person, line.connection).some(({ userRef }) => userRef === line.userRef);
  for (const { id, body } of plans) {
    const meant = new Set(body.seats.lines.filter(isMeant).map(({ canonicalId }) => canonicalId));
    if (meant.size === 0) continue;
    const records = body.effects
      .filter(({ canonicalId }) => meant.has(canonicalId))
      .map((effect) => externalIdOf({ tenantId: tx.tenantId, ...effect }));
    return { action: 'release', seats: [], planId: id, records: withPairs(records, body) };
  }
  throw new NotFoundError(`No plan acted on seats of ${person}. \`trueup plans list\` shows the plans there are.`); // prettier-ignore
}

/** Who got a seat loses it when who had it gets it back. */
function withPairs(records: readonly string[], { seats }: SeatPlanBody): readonly string[] {
  const asked = new Set(records);
  const pairs = seats.orders.filter((each) => asked.has(each.externalId) || asked.has(each.afterExternalId)); // prettier-ignore
  const all = pairs.flatMap(({ externalId, afterExternalId }) => [externalId, afterExternalId]);
  return [...new Set([...records, ...all])].toSorted();
}
