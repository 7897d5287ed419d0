import { appendAudit } from '../audit/audit-log.ts';
import { findDeal, type Deal } from '../commerce/deals.ts';
import type { TenantTx } from '../db/store.ts';
import { refusePlan } from '../delivery/move-plans.ts';
import { IN_EFFECT, latestPlanOf, type MovedField, type Plan } from '../delivery/plans.ts';
import { sameForm } from '../delivery/same-value.ts';
import { fieldsOf, valueAt } from '../delivery/three-way.ts';
import { StaleError } from '../kernel/errors.ts';
import type { Json, JsonObject } from '../kernel/hash.ts';
import { factsById } from '../ledger/facts.ts';
import { commerceSettings } from './commerce-settings.ts';
import {
  loadDealWorld,
  planDeal,
  planHash,
  type DealWorld,
  type PlanBody,
} from './deal-planning.ts';
import type { Deps } from './deps.ts';
import { isCancellation } from './draw-up-cancellation.ts';
import { planReopen } from './reopen-planning.ts';
import { request } from './request.ts';
import { offerWork } from './restore-records.ts';

const ACTOR = 'system:apply-plan';
/** A plan that policy approves and that is refused again and again must not keep the workers busy. */
const REPLAN_AFTER_MS = 10_000;

/**
 * What moved of the facts that an approved plan of a deal was drawn up from, each with its value then and now; none where
 * the plan, drawn up again, has the hash that was approved.
 */
export async function movedFacts(
  deps: Deps,
  tx: TenantTx,
  plan: Plan<PlanBody>,
): Promise<readonly MovedField[]> {
  if (plan.approvedHash !== plan.hash)
    return [{ path: 'hash', approved: plan.approvedHash, now: plan.hash }];
  const state = plan.kind === 'reopen' ? 'reopened' : 'won';
  const deal = await findDeal(tx, plan.subject);
  if (deal?.state !== state)
    return [{ path: `${plan.body.opportunity.name}: deal`, approved: state, now: deal?.state ?? 'unknown' }]; // prettier-ignore
  const world = await loadDealWorld(tx, deal.connection, await commerceSettings(tx));
  const basis = await latestPlanOf<PlanBody>(tx, deal.id, IN_EFFECT);
  const now =
    plan.kind === 'reopen'
      ? await reopeningNow(deps, tx, world, deal, basis)
      : await planDeal(deps, tx, world, { deal, basis });
  if (now !== null && planHash(now, basis?.id ?? null) === plan.hash) return [];
  if (now === null)
    return [{ path: plan.body.opportunity.name, approved: 'planned', now: 'nothing to do' }];
  const moved = [...(await movedInputs(tx, plan.body, now)), ...movedContent(plan.body, now)];
  if (moved.length > 0) return moved;
  return [{ path: 'the plan before it', approved: 'another', now: basis?.id ?? null }];
}

async function reopeningNow(
  deps: Deps,
  tx: TenantTx,
  world: DealWorld,
  deal: Deal,
  basis: Plan<PlanBody> | null,
): Promise<PlanBody | null> {
  if (basis?.kind !== 'closed_won') return null;
  return (await planReopen(deps, tx, world, deal, basis.body))?.body ?? null;
}

/** Fields of the source records that are others now, with records that came and went. */
async function movedInputs(
  tx: TenantTx,
  approved: PlanBody,
  now: PlanBody,
): Promise<readonly MovedField[]> {
  const known = new Set(now.inputs.map(({ factId }) => factId));
  const former = new Set(approved.inputs.map(({ factId }) => factId));
  const gone = approved.inputs.filter(({ factId }) => !known.has(factId));
  const came = now.inputs.filter(({ factId }) => !former.has(factId));
  const facts = await factsById(tx, [...gone, ...came].map(({ factId }) => factId)); // prettier-ignore
  const bodies = new Map(facts.map((fact) => [fact.factId, fact.body as unknown as JsonObject]));
  const keyOf = ({ noun, externalRef }: PlanBody['inputs'][number]): string => `${noun} ${externalRef}`; // prettier-ignore
  const after = new Map(came.map((input) => [keyOf(input), bodies.get(input.factId) ?? {}]));
  const before = new Map(gone.map((input) => [keyOf(input), bodies.get(input.factId) ?? {}]));
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((key): readonly MovedField[] => {
    const [old, fresh] = [before.get(key), after.get(key)];
    if (old === undefined) return [{ path: key, approved: null, now: 'added' }];
    if (fresh === undefined) return [{ path: key, approved: 'there', now: 'gone' }];
    return differing(old, fresh, key);
  });
}

/** Fields that would be written with another value now. */
function movedContent(approved: PlanBody, now: PlanBody): readonly MovedField[] {
  const keyOf = ({ connection, object }: PlanBody['effects'][number]): string => `${connection} ${object}`; // prettier-ignore
  return approved.effects.flatMap((effect): readonly MovedField[] => {
    const fresh = now.effects.find((each) => keyOf(each) === keyOf(effect) && each.canonicalId === effect.canonicalId); // prettier-ignore
    if (fresh === undefined)
      return [{ path: keyOf(effect), approved: 'written', now: 'not written' }];
    return differing(effect.fields, fresh.fields, keyOf(effect));
  });
}

/** Both ways round, as a value that is only on one side moved as well. */
function differing(old: JsonObject, fresh: JsonObject, path: string): readonly MovedField[] {
  const names = [...new Set([...fieldsOf(old), ...fieldsOf(fresh)])];
  return names.flatMap((name) => {
    const [approved, now]: readonly Json[] = [valueAt(old, name) ?? null, valueAt(fresh, name) ?? null]; // prettier-ignore
    const isSame =
      sameForm(approved ?? null, now ?? null) && sameForm(now ?? null, approved ?? null);
    return isSame
      ? []
      : [{ path: `${path}.${name}`, approved: approved ?? null, now: now ?? null }];
  });
}

/** Sets the plan aside with what moved, and has its deal, or what it would cancel, planned anew. */
export async function refuseMoved(
  deps: Pick<Deps, 'queue'>,
  tx: TenantTx,
  plan: Plan<PlanBody>,
  moved: readonly MovedField[],
): Promise<void> {
  if (!(await refusePlan(tx, plan.id, moved))) return;
  await appendAudit(tx, {
    actor: ACTOR,
    action: 'plan.refused',
    subject: { type: 'plan', id: plan.id },
    details: {
      reason: 'what it rests on moved since the approval',
      hash: plan.hash,
      // The names only: values of a customer's records stay with the plan.
      moved: moved.map(({ path }) => path),
    },
  });
  if (isCancellation(plan)) return request(deps, tx, [offerWork(plan.body.cancellation.changeId)]);
  const notBefore = new Date((await tx.clock()).getTime() + REPLAN_AFTER_MS);
  await request(deps, tx, [{ job: 'detect-closed-won', key: '', payload: {}, notBefore }]);
}

/** The refusal as a person reads it: each field that moved with the value that was approved and the present one. */
export function movedError(id: string, moved: readonly MovedField[]): StaleError {
  const lines = moved.slice(0, 20).map(({ path, approved, now }) => `  ${path}: ${Array.isArray(approved) && Array.isArray(now) ? `another list (${approved.length} lines, now ${now.length})` : `approved ${shown(approved)}, now ${shown(now)}`}`); // prettier-ignore
  const more = moved.length > lines.length ? [`  and ${moved.length - lines.length} more`] : [];
  return new StaleError(
    [
      `The world moved since plan ${id} was approved. Nothing was written. Look at what stands now (\`trueup plans list\`) and approve that, or ask for it again.`,
      ...lines,
      ...more,
    ].join('\n'),
    { details: { moved } },
  );
}

function shown(value: Json): string {
  if (value === null || value === '') return 'nothing';
  if (Array.isArray(value)) return `${value.length} lines`;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
