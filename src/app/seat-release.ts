import type { TenantTx } from '../db/store.ts';
import type { EffectSubject, MappingRef } from '../delivery/effect.ts';
import type { HeldState } from '../delivery/held-state.ts';
import { ABOUT } from '../delivery/mode-waits.ts';
import { NOT_DONE } from '../delivery/drop-unsent.ts';
import type { RecordOrder } from '../delivery/intent-order.ts';
import { getPlan, isBegun } from '../delivery/plans.ts';
import { sameForm } from '../delivery/same-value.ts';
import { ValidationError } from '../kernel/errors.ts';
import type { Json, JsonObject } from '../kernel/hash.ts';
import { isSeatPlan, type SeatDraft, type SeatPlanBody, type SeatRequest } from './seat-plan.ts';

/** A record that a plan wrote, with what was there before. */
interface Written {
  readonly connection: string;
  readonly object: string;
  readonly externalId: string;
  readonly canonicalId: string;
  readonly vendorId: string;
  readonly payload: JsonObject;
  readonly mapping: MappingRef | null;
  readonly about: EffectSubject | null;
  readonly held: HeldState | null;
  readonly isDone: boolean;
  /** Nothing of it is done, and nothing of it is on its way. */
  readonly isUndone: boolean;
  /** Nobody knows yet what came of it. */
  readonly isOpen: boolean;
  /** True unless something wrote the record after the plan did. */
  readonly isNewest: boolean;
}

/**
 * Draws up what brings the seats and logins of an applied plan back to what was there before it, from what was read right
 * before each write. What somebody changed since is left alone, here where an intent of ours did, and at the write where
 * the vendor shows other values than ours. What the plan has not done yet is dropped: sent after what comes back, it would
 * give two people one seat.
 */
export async function releaseSeats(tx: TenantTx, request: SeatRequest): Promise<SeatDraft> {
  const plan = await getPlan<SeatPlanBody>(tx, request.planId ?? '');
  if (!isSeatPlan(plan) || !isBegun(plan))
    throw new ValidationError(`Plan ${plan.id} is ${plan.status} and of kind ${plan.kind}: only an applied plan about seats is taken back.`); // prettier-ignore
  const asked = request.records === undefined ? null : new Set(request.records);
  const written = (await writtenBy(tx, plan.id)).filter(({ externalId }) => asked?.has(externalId) ?? true); // prettier-ignore
  const { orders: waits } = plan.body.seats;
  const back: (Written & { readonly held: HeldState })[] = [];
  const leftOut: SeatDraft['leftOut'][number][] = [];
  for (const record of written) {
    const reason = whyNot(record) ?? whyNotYet(record, written, waits);
    const { connection, canonicalId, held } = record;
    if (reason === null && held !== null) back.push({ ...record, held });
    else
      leftOut.push({
        connection,
        seatRef: canonicalId,
        reason: reason ?? 'Nobody knows what was there.',
      });
  }
  const effects = back.map(
    ({ connection, object, canonicalId, vendorId, mapping, about, payload, held }) => ({
      connection,
      object,
      canonicalId,
      vendorId,
      mapping,
      about,
      fields: held.fields,
      asDecided: true,
      expects: expectedOf(payload, held.fields),
    }),
  );
  const lines = back.map(({ connection, canonicalId, vendorId }) => ({
    connection,
    seatRef: canonicalId,
    userRef: new URLSearchParams(vendorId).get('user') ?? '',
    product: null,
    canonicalId,
    becomes: 'as it was' as const,
  }));
  const orders = reversed(waits, new Set(back.map(({ externalId }) => externalId)));
  const dropped = written.filter(({ isUndone, isNewest }) => isUndone && isNewest).map(({ externalId }) => externalId); // prettier-ignore
  const freed = back.filter(({ held }) => isLoss(held.fields)).length;
  return { lines, leftOut, effects, orders, dropped, inputs: [], freed };
}

async function writtenBy(tx: TenantTx, planId: string): Promise<readonly Written[]> {
  return tx.sql<Written>(
    `select distinct on (i.external_id) i.connection, i.object, i.external_id as "externalId", i.canonical_id as "canonicalId",
       i.vendor_id as "vendorId", i.payload, i.mapping, ${ABOUT} as about, i.held, i.state = 'APPLIED' and i.read_back as "isDone", ${NOT_DONE} as "isUndone",
       i.state in ('SENT', 'UNKNOWN', 'CONFLICT') or (i.state = 'APPLIED' and not i.read_back) as "isOpen",
       not exists (select from intent l where l.tenant_id = i.tenant_id and l.connection = i.connection and l.object = i.object
         and l.external_id = i.external_id and l.revision > i.revision) as "isNewest"
     from intent i where i.plan_id = $1 and i.vendor_id is not null order by i.external_id, i.revision desc`,
    [planId],
  );
}

/** Why a record is not brought back; null where it is. */
function whyNot({ isDone, isUndone, isNewest, held, payload }: Written): string | null {
  if (!isNewest) return 'It was written again since.';
  if (isUndone) return 'The plan has not brought it about yet, and drops it.';
  if (!isDone) return 'The plan has not brought it about yet.';
  if (held !== null && sameForm(payload, held.fields)) return 'It was so before the plan, which changed nothing of it.'; // prettier-ignore
  return null;
}

/** Why a seat cannot go back yet: whether somebody else got it meanwhile is only about to be known. Null where it can. */
function whyNotYet(
  { externalId }: Written,
  written: readonly Written[],
  orders: readonly RecordOrder[],
): string | null {
  const next = orders.filter(({ afterExternalId }) => afterExternalId === externalId);
  const isGoing = written.some(
    (each) => each.isOpen && next.some((order) => order.externalId === each.externalId),
  );
  return isGoing
    ? 'Whether somebody else has it by now is not settled. Release it once it is.'
    : null;
}

/** What the vendor shows unless somebody changed it since: what we asked for, and nothing in what came with the seat. */
function expectedOf(
  payload: JsonObject,
  before: JsonObject,
): Readonly<Record<string, readonly Json[]>> {
  const names = Object.keys(before);
  const isTaken = payload['assigned'] === false;
  return Object.fromEntries(
    names.flatMap((name): [string, readonly Json[]][] => {
      const ours = payload[name];
      if (ours !== undefined) return [[name, [ours]]];
      return isTaken ? [[name, [null]]] : [];
    }),
  );
}

/** True if bringing it back takes a seat or a login from somebody. */
function isLoss({ assigned, active, enabled }: JsonObject): boolean {
  return assigned === false || active === false || enabled === false;
}

/** Who got the seat loses it before who had it gets it back. */
function reversed(
  orders: readonly RecordOrder[],
  back: ReadonlySet<string>,
): readonly RecordOrder[] {
  return orders
    .filter(({ externalId, afterExternalId }) => back.has(externalId) && back.has(afterExternalId))
    .map((order) => ({ ...order, externalId: order.afterExternalId, afterExternalId: order.externalId })); // prettier-ignore
}
