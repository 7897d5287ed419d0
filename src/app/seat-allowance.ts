import type { TenantTx } from '../db/store.ts';
import type { Plan } from '../delivery/plans.ts';
import { ForbiddenError } from '../kernel/errors.ts';
import { factsOf } from '../ledger/facts.ts';
import type { Caller } from '../security/caller.ts';
import { companySetting } from './company-settings.ts';
import type { SeatPlanBody } from './seat-plan.ts';

/** How many seats and logins may be taken without a person's word, and how many were within the hours that count. */
export interface SeatAllowance {
  readonly cap: number;
  readonly recent: number;
  readonly hours: number;
}

/**
 * What the company allows now. Many small runs are a large one, so all that was approved within the hours counts. The caller
 * has its turn (`takeTurnWithSeats`), so that two runs at once are not each below the cap.
 */
export async function seatAllowance(tx: TenantTx): Promise<SeatAllowance> {
  const { seats, percent, hours } = await companySetting(tx, 'seats');
  const held = (await factsOf(tx, 'seatAssignment', { where: { posture: 'licensee' } })).filter(
    ({ body }) => body.active,
  );
  const [row] = await tx.sql<{ recent: number }>(
    `select coalesce(sum((p.body -> 'seats' ->> 'freed')::int), 0)::int as recent from plan p
     where p.kind = 'seats' and p.approved_at > app.clock() - make_interval(hours => $1)
       and p.status in ('approved', 'applying', 'applied', 'incomplete')`,
    [hours],
  );
  const cap = Math.max(seats, Math.floor((held.length * percent) / 100));
  return { cap, recent: row?.recent ?? 0, hours };
}

/** Requests about seats are decided one after the other. */
export async function takeTurnWithSeats(tx: TenantTx): Promise<void> {
  await tx.sql(`select pg_advisory_xact_lock(hashtextextended($1, 0))`, [`seats:${tx.tenantId}`]);
}

/** Giving back takes nothing from anybody, however much was taken lately. */
export function isOver(
  { freed }: { readonly freed: number },
  { cap, recent }: Pick<SeatAllowance, 'cap' | 'recent'>,
): boolean {
  return freed > 0 && freed + recent > cap;
}

/**
 * What takes more seats than the company allows by now needs the word of somebody other than who asked for it. Throws
 * ForbiddenError. Waits for its turn, so that two approvals at once are not each below the cap.
 */
export async function requireOtherPerson(
  tx: TenantTx,
  { id, body }: Plan<SeatPlanBody>,
  caller: Pick<Caller, 'actor' | 'personName'>,
): Promise<void> {
  await takeTurnWithSeats(tx);
  const { freed, requestedBy } = body.seats;
  const allowed = await seatAllowance(tx);
  if (requestedBy !== caller.actor || !isOver({ freed }, allowed)) return;
  throw new ForbiddenError(
    `Plan ${id} takes ${freed} seats or logins; with ${allowed.recent} of the last ${allowed.hours} hours that is more than the ${allowed.cap} that need nobody's word. ${caller.personName} asked for it, so somebody else who may approve plans has to.`,
    { details: { freed, ...allowed } },
  );
}
