import type { Entitlement } from '../canonical/entitlement.ts';
import type { TenantTx } from '../db/store.ts';
import type { Effect } from '../delivery/effect.ts';
import {
  restoringEffect,
  wasMade,
  writesOf,
  type LeftField,
  type PlanWrite,
} from '../delivery/plan-writes.ts';
import { getPlan, isEnded, type Plan } from '../delivery/plans.ts';
import { planBefore } from '../delivery/plans-in-effect.ts';
import { fieldsOf, valueAt } from '../delivery/three-way.ts';
import { getWriteHold } from '../delivery/write-holds.ts';
import { getConnection, isLive } from '../intake/connections.ts';
import { StaleError } from '../kernel/errors.ts';
import { hashJson, type Json, type JsonObject } from '../kernel/hash.ts';
import { subtractMoney, type Money } from '../kernel/money.ts';
import type { ConnectorSession } from '../sdk/define-connector.ts';
import type { CancellationOffer, ReadBackRecord } from '../sdk/write.ts';
import type { PlanBody } from './deal-planning.ts';
import type { Deps } from './deps.ts';

/** What is taken back: an applied plan, or a run that was released from its hold. */
export type Reversed = { readonly planId: string } | { readonly holdId: string };

/** A record, or a field of one, that is left for a person. */
interface LeftRecord {
  readonly connection: string;
  readonly object: string;
  readonly vendorId: string | null;
  readonly canonicalId: string;
  readonly reason: string;
  readonly fields: readonly LeftField[];
}

/** What a plan of kind `reversal` says beside what all plans say. */
export interface ReversalBody extends PlanBody {
  readonly reversal: {
    readonly of: Reversed;
    readonly left: readonly LeftRecord[];
    /** What the records hold that are brought back, as they were seen. */
    readonly present: Readonly<Record<string, JsonObject>>;
    /** Whether `total` is billed no longer or again. */
    readonly bills?: 'less' | 'more';
  };
}

/** True for a plan that takes another back. */
export function isReversal(plan: Plan<PlanBody>): plan is Plan<ReversalBody> {
  return plan.kind === 'reversal';
}

/** The hash that an approval binds to: what is written over what, and what is left alone. */
export function reversalHash({ effects, entitlements, reversal }: ReversalBody): string {
  return hashJson({
    of: reversal.of,
    effects: effects.map(({ connection, object, canonicalId, vendorId, fields }) => ({ connection, object, canonicalId, vendorId, fields })), // prettier-ignore
    present: reversal.present,
    left: reversal.left as unknown as Json,
    entitlements,
  });
}

interface Growing {
  readonly effects: Effect[];
  readonly left: LeftRecord[];
  readonly present: Record<string, JsonObject>;
}

/**
 * Draws up what takes an applied plan or a released run back, from what its records show now. Records that it made are
 * cancelled in the way of their system; of those that it changed, every field that still holds our value becomes what it
 * was. What was billed, or changed since, is left for a person, with the reason. Throws StaleError where something was
 * written to the same records after it, and the remote error of a system that does not answer.
 */
export async function drawUpReversal(
  deps: Deps,
  tenantId: string,
  of: Reversed,
): Promise<ReversalBody> {
  const { writes, plan } = await deps.store.readTenant(tenantId, async (tx) => ({
    writes: await writesOf(tx, of),
    plan: 'planId' in of ? await appliedPlan(tx, of.planId) : await releasedRun(tx, of.holdId),
  }));
  const later = writes.find(({ isNewest }) => !isNewest);
  if (later !== undefined && 'planId' in of)
    throw new StaleError(
      `${later.object} ${later.vendorId ?? later.canonicalId} was written again after plan ${of.planId}. Take the later plan back first.`,
    );
  const drawn: Growing = { effects: [], left: [], present: {} };
  for (const [, list] of Map.groupBy(writes, (each) => `${each.connection}/${each.object}`))
    await drawUpObject(deps, tenantId, list, drawn);
  const entitlements = plan === null ? [] : await rightsBack(deps, tenantId, plan, drawn.effects);
  const money = plan === null ? NO_MONEY : await moneyBack(deps, tenantId, plan, drawn.effects);
  const body = bodyOf(of, plan, drawn, entitlements);
  return { ...body, total: money.total, reversal: { ...body.reversal, bills: money.bills } };
}

async function appliedPlan(tx: TenantTx, id: string): Promise<Plan<PlanBody>> {
  const plan = await getPlan<PlanBody>(tx, id);
  if (!isEnded(plan))
    throw new StaleError(
      `Plan ${id} is ${plan.status}; only an applied plan is reversed.${plan.status === 'applying' ? ' What of it waits: `trueup plans show`.' : ''}`,
    );
  return plan;
}

async function releasedRun(tx: TenantTx, id: string): Promise<null> {
  const { status } = await getWriteHold(tx, id);
  if (status !== 'released')
    throw new StaleError(`The hold ${id} is ${status}; only what was released is taken back.`);
  return null;
}

async function drawUpObject(
  deps: Deps,
  tenantId: string,
  writes: readonly PlanWrite[],
  drawn: Growing,
): Promise<void> {
  const [{ connection, object } = { connection: '', object: '' }] = writes;
  const { status } = await deps.store.readTenant(tenantId, (tx) => getConnection(tx, connection));
  if (!isLive({ status })) {
    for (const write of writes) leave(drawn, write, 'Its connection was removed.');
    return;
  }
  const session = await deps.sessions.of(tenantId, connection);
  const open = writes.filter(({ isShown, isNewest }) => isShown && isNewest);
  for (const write of writes.filter((each) => !open.includes(each)))
    leave(
      drawn,
      write,
      write.isNewest ? 'It was not brought about.' : 'It was written again since.',
    );
  const made = open.filter(wasMade);
  const offers = made.length === 0 ? [] : await offersOf(session, object, made);
  for (const write of made) cancel(drawn, write, offers);
  const changed = open.filter((write) => !wasMade(write));
  const ours = changed
    .filter(({ targetId }) => targetId === null)
    .map(({ externalId }) => externalId);
  const theirs = changed.flatMap(({ targetId }) => targetId ?? []);
  const held = changed.length === 0 ? [] : await session.readBack(object, ours, theirs);
  for (const write of changed) restore(drawn, write, held);
}

/** Null where the system has no way of cancelling from outside. */
async function offersOf(
  session: ConnectorSession,
  object: string,
  made: readonly PlanWrite[],
): Promise<readonly CancellationOffer[] | null> {
  if (session.cancellations === undefined) return null;
  return session.cancellations(object, made.map(({ externalId }) => externalId)); // prettier-ignore
}

function cancel(
  drawn: Growing,
  write: PlanWrite,
  offers: readonly CancellationOffer[] | null,
): void {
  if (offers === null)
    return leave(drawn, write, 'Its system has no way of cancelling it from outside.');
  const offer = offers.find(({ externalId }) => externalId === write.externalId);
  if (offer === undefined) return leave(drawn, write, 'It is not there any more.');
  if (offer.refused !== undefined) return leave(drawn, write, offer.refused);
  const { connection, object, canonicalId, mapping, about, externalId } = write;
  const expects = Object.fromEntries(
    fieldsOf(offer.fields).map((field): [string, readonly Json[]] => [
      field,
      [valueAt(offer.present, field) ?? null],
    ]),
  );
  drawn.present[externalId] = offer.present;
  drawn.effects.push({ connection, object, canonicalId, vendorId: null, mapping, about, fields: offer.fields, asDecided: true, expects }); // prettier-ignore
}

function restore(drawn: Growing, write: PlanWrite, held: readonly ReadBackRecord[]): void {
  const found = held.find((each) => write.targetId === null ? each.externalId === write.externalId : each.vendorId === write.targetId); // prettier-ignore
  if (found === undefined) return leave(drawn, write, 'It is not there any more.');
  const { effect, left } = restoringEffect(write, found.fields);
  if (left.length > 0) leave(drawn, write, 'Changed since, or nobody knows what was there.', left);
  if (effect === null) return;
  const shown = fieldsOf(effect.fields).map((field): [string, Json] => [field, valueAt(found.fields, field) ?? null]); // prettier-ignore
  drawn.present[write.externalId] = Object.fromEntries(shown);
  drawn.effects.push(effect);
}

function leave(
  { left }: Growing,
  { connection, object, vendorId, canonicalId }: PlanWrite,
  reason: string,
  fields: readonly LeftField[] = [],
): void {
  left.push({ connection, object, vendorId, canonicalId, reason, fields });
}

/**
 * The rights of the plan as they shall stand: those that the first plan of a deal granted are reversed where its order is
 * closed; those that a later one changed or reversed are again as the plan before granted them. An order that stays keeps
 * its rights.
 */
async function rightsBack(
  deps: Deps,
  tenantId: string,
  plan: Plan<PlanBody>,
  effects: readonly Effect[],
): Promise<readonly Entitlement[]> {
  const { entitlements } = plan.body;
  const earlier = await deps.store.readTenant(tenantId, (tx) => planBefore<PlanBody>(tx, plan));
  if (!takesOrderBack(plan, effects)) return [];
  if (plan.kind === 'closed_won' && earlier === null)
    return entitlements.map((each) => ({ ...each, status: 'reversed' as const }));
  const refs = new Set(entitlements.map(({ externalRef }) => externalRef));
  return (earlier?.body.entitlements ?? []).filter(({ externalRef }) => refs.has(externalRef));
}

function takesOrderBack({ subject, body }: Plan<PlanBody>, effects: readonly Effect[]): boolean {
  const isOrder = ({ canonicalId, object }: Effect): boolean =>
    canonicalId === subject && body.effects[0]?.object === object;
  return body.order !== null && effects.some(isOrder);
}

interface MoneyBack {
  readonly total: Money | null;
  readonly bills: 'less' | 'more';
}

const NO_MONEY: MoneyBack = { total: null, bills: 'less' };

/** What taking a plan back changes of what is billed: of a changed deal only the change, nothing where its order stays. */
async function moneyBack(
  deps: Deps,
  tenantId: string,
  plan: Plan<PlanBody>,
  effects: readonly Effect[],
): Promise<MoneyBack> {
  const { total } = plan.body;
  if (total === null || !takesOrderBack(plan, effects)) return NO_MONEY;
  if (plan.kind === 'reopen') return { total, bills: 'more' };
  const earlier = await deps.store.readTenant(tenantId, (tx) => planBefore<PlanBody>(tx, plan));
  const before = earlier?.body.total ?? null;
  if (before === null || before.currency !== total.currency) return { total, bills: 'less' };
  const change = subtractMoney(total, before);
  if (/^[0.]+$/.test(change.amount)) return NO_MONEY;
  const isMore = change.amount.startsWith('-');
  return { total: isMore ? subtractMoney(before, total) : change, bills: isMore ? 'more' : 'less' };
}

function bodyOf(
  of: Reversed,
  plan: Plan<PlanBody> | null,
  { effects, left, present }: Growing,
  entitlements: readonly Entitlement[],
): ReversalBody {
  const id = 'planId' in of ? of.planId : of.holdId;
  const notes = left.map(({ object, vendorId, canonicalId, reason, fields }) => `Left for you: ${object} ${vendorId ?? canonicalId}${fields.length > 0 ? ` (${fields.map(({ field }) => field).join(', ')})` : ''}: ${reason}`); // prettier-ignore
  const nothing = { code: 'nothing_to_reverse', message: 'Nothing of it can be taken back.', subject: id }; // prettier-ignore
  return {
    dealId: plan?.body.dealId ?? id,
    opportunity: {
      connection: plan?.body.opportunity.connection ?? effects[0]?.connection ?? '',
      ref: plan?.body.opportunity.ref ?? id,
      name: `Taking back ${plan === null ? `the run ${id}` : plan.body.opportunity.name}`,
    },
    total: null,
    entitlements,
    order: null,
    effects,
    problems: effects.length === 0 ? [nothing] : [],
    inputs: [],
    mappings: [],
    contentHash: hashJson({ effects: effects.map(({ object, canonicalId, fields }) => ({ object, canonicalId, fields })) }), // prettier-ignore
    notes,
    reversal: { of, left, present },
  };
}
