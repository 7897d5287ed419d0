import { appendAudit } from '../../audit/audit-log.ts';
import type { TenantTx } from '../../db/store.ts';
import { approvePlan } from '../../delivery/move-plans.ts';
import { getPlan, POLICY_APPROVER, savePlan, type Plan } from '../../delivery/plans.ts';
import { hashJson } from '../../kernel/hash.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { loadModes } from '../effect-modes.ts';
import { request } from '../request.ts';
import { isOver, seatAllowance, takeTurnWithSeats, type SeatAllowance } from '../seat-allowance.ts';
import type { SeatDraft, SeatPlanBody, SeatRequest } from '../seat-plan.ts';
import { drawUpSeats, seatContent, seatPlanHash } from '../seat-planning.ts';
import { resolveSeats, type SeatsAsked } from '../seat-requests.ts';

export { SEAT_ACTIONS } from '../seat-plan.ts';

const TITLES = {
  reclaim: 'Take back',
  reassign: 'Give to another',
  hold: 'Hold',
  release: 'Bring back',
} as const;

/**
 * Draws up a plan that reclaims, reassigns, holds or releases seats. With `apply` it is carried out at once where it stays
 * within what the company allows without another person's word; above that it waits for somebody who may approve plans, who
 * has the list in hand. Throws NotFoundError where no seat is meant, ValidationError where the request does not say enough.
 */
export function requestSeatAction(
  deps: Deps,
  caller: Caller,
  input: SeatsAsked & { readonly reason?: string | undefined; readonly apply?: boolean },
): Promise<Plan<SeatPlanBody>> {
  const { reason = null, apply = false, ...asked } = input;
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    await takeTurnWithSeats(tx);
    const wanted = await resolveSeats(deps, tx, asked);
    const draft = await drawUpSeats(deps, tx, wanted);
    const allowed = await seatAllowance(tx);
    const { mode } = (await loadModes(tx)).ofAll(draft.effects);
    const isOwn = await mayDrop(tx, caller, { wanted, draft });
    const isWithin = !isNothing(draft) && !isOver(draft, allowed) && mode === 'write' && isOwn;
    const about = { request: wanted, reason, requestedBy: caller.actor, allowed };
    const { plan, isNew } = await savePlan<SeatPlanBody>(tx, {
      kind: 'seats',
      subject: `seats:${hashJson({ ...wanted }).slice(0, 16)}`,
      hash: await seatPlanHash(tx, draft),
      body: bodyOf(draft, about, isOwn ? [] : [NOT_OWN]),
      blocked: isNothing(draft),
      approvedByPolicy: apply && isWithin,
    });
    if (isNew) await tellCreated(tx, caller, plan);
    const isWaiting = plan.status === 'waiting' && apply && isWithin;
    const { id, hash } = plan;
    const now = isWaiting ? await approvePlan<SeatPlanBody>(tx, { id, hash, person: POLICY_APPROVER }) : plan; // prettier-ignore
    if (apply && now.status === 'approved')
      await request(deps, tx, [{ job: 'apply-plan', key: id, payload: { planId: id } }]);
    return now;
  });
}

const NOT_OWN =
  'It drops what somebody else asked for or approved and what is not done yet; that needs the word of somebody who may approve plans.';

/**
 * What a plan has not done yet is dropped with nobody's word only by who asked for it, where no person approved it, or by who
 * may approve plans: else somebody's approval would be undone by who cannot give one.
 */
async function mayDrop(
  tx: TenantTx,
  caller: Caller,
  { wanted, draft }: { readonly wanted: SeatRequest; readonly draft: SeatDraft },
): Promise<boolean> {
  if ((draft.dropped ?? []).length === 0 || caller.permissions.has('plans:approve')) return true;
  const { approvedBy, body } = await getPlan<SeatPlanBody>(tx, wanted.planId ?? '');
  return approvedBy === POLICY_APPROVER && body.seats.requestedBy === caller.actor;
}

/** True where nothing would be written, and nothing that was about to be is dropped. */
function isNothing({ effects, dropped = [] }: SeatDraft): boolean {
  return effects.length + dropped.length === 0;
}

async function tellCreated(tx: TenantTx, caller: Caller, plan: Plan<SeatPlanBody>): Promise<void> {
  const { request: asked, freed, allowed, reason } = plan.body.seats;
  await appendAudit(tx, {
    actor: caller.actor,
    action: 'plan.created',
    subject: { type: 'plan', id: plan.id },
    details: { kind: plan.kind, action: asked.action, freed, cap: allowed.cap, recent: allowed.recent, reason, hash: plan.hash, status: plan.status },
  }); // prettier-ignore
}

function bodyOf(
  draft: SeatDraft,
  about: {
    readonly request: SeatRequest;
    readonly reason: string | null;
    readonly requestedBy: string;
    readonly allowed: SeatAllowance;
  },
  notes: readonly string[],
): SeatPlanBody {
  const { effects, inputs, ...seats } = draft;
  const { action, planId } = about.request;
  const [first] = draft.lines;
  const products = new Set(draft.lines.flatMap(({ product }) => product ?? []));
  const of = products.size === 0 ? '' : ` of ${[...products].toSorted().join(', ')}`;
  const isDrop = draft.lines.length === 0 && !isNothing(draft);
  const name = isDrop
    ? 'Drop what was not done yet'
    : `${TITLES[action]} ${draft.lines.length} seats${of}`;
  const mappings = new Map(effects.flatMap(({ mapping }) => (mapping === undefined || mapping === null ? [] : [[mapping.id, mapping] as const]))); // prettier-ignore
  const problems = !isNothing(draft) ? [] : draft.leftOut.map(({ seatRef, reason }) => ({ code: 'left_out', message: reason, subject: seatRef })); // prettier-ignore
  return {
    dealId: planId ?? '',
    opportunity: { connection: first?.connection ?? '', ref: planId ?? '', name },
    total: null,
    entitlements: [],
    order: null,
    effects,
    problems,
    inputs,
    mappings: [...mappings.values()],
    contentHash: hashJson({ effects: seatContent(effects) }),
    notes: [...notes, ...notesOf(draft, about.allowed)],
    seats: { ...seats, ...about },
  };
}

function notesOf({ freed, leftOut }: SeatDraft, { cap, recent, hours }: SeatAllowance): readonly string[] {
  return [
    ...(isOver({ freed }, { cap, recent })
      ? [`It takes ${freed} seats or logins; with ${recent} of the last ${hours} hours that is more than the ${cap} that need nobody's word.`]
      : []),
    ...leftOut.map(({ connection, seatRef, reason }) => `${connection} ${seatRef} is left alone: ${reason}`),
  ];
} // prettier-ignore
