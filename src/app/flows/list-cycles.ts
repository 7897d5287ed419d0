import type { CycleVariance } from '../../licensing/cycles/freeze-round.ts';
import { cycleRecord, type CycleRecord } from '../../licensing/cycles/cycle-record.ts';
import {
  getCycle,
  listCycles as list,
  variancesOf,
  type Cycle,
} from '../../licensing/cycles/cycles.ts';
import { statementOf } from '../../licensing/cycles/sign-cycle.ts';
import type { Statement } from '../../licensing/cycles/statement.ts';
import { listTasks, type CycleTask } from '../../licensing/cycles/remediation-tasks.ts';
import type { Caller } from '../../security/caller.ts';
import { cycleBlockers, type CycleBlocker } from '../cycle-blockers.ts';
import type { Deps } from '../deps.ts';

/** Cycles, newest first. */
export function listCycles(
  deps: Deps,
  caller: Caller,
  filter: Parameters<typeof list>[1],
): Promise<readonly Cycle[]> {
  return deps.store.readTenant(caller.tenantId, (tx) => list(tx, filter));
}

/** A cycle with who signed, its history, and what keeps it from being signed. */
export interface ShownCycle extends Cycle {
  readonly signOffs: CycleRecord['signOffs'];
  readonly history: CycleRecord['history'];
  readonly blockers: readonly CycleBlocker[];
}

/** How many blockers are told of at most. */
const BLOCKERS = 500;

/** One cycle. Throws NotFoundError. */
export function showCycle(deps: Deps, caller: Caller, id: string): Promise<ShownCycle> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    const cycle = await getCycle(tx, id);
    const { signOffs, history } = await cycleRecord(tx, id);
    const signed = cycle.status === 'signed_off';
    const blockers = signed ? [] : await cycleBlockers(tx, cycle, deps.clock.today());
    return { ...cycle, signOffs, history, blockers: blockers.slice(0, BLOCKERS) };
  });
}

/** A variance with the decision that holds. */
export interface ShownVariance extends CycleVariance {
  readonly decision: CycleRecord['decisions'][number]['decision'] | null;
  readonly reason: string | null;
  readonly decidedBy: string | null;
}

/** What did not agree in the present round of a cycle, by subject, each with what was decided. Throws NotFoundError. */
export function listCycleVariances(
  deps: Deps,
  caller: Caller,
  id: string,
): Promise<readonly ShownVariance[]> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    const cycle = await getCycle(tx, id);
    const { decisions } = await cycleRecord(tx, id);
    const last = new Map(decisions.map((each) => [each.subject, each]));
    return (await variancesOf(tx, cycle)).map((each) => {
      const { decision = null, reason = null, by = null } = last.get(each.subject) ?? {};
      return { ...each, decision, reason, decidedBy: by };
    });
  });
}

/** The tasks of a cycle, those that are done among them if asked for. Throws NotFoundError. */
export function listCycleTasks(
  deps: Deps,
  caller: Caller,
  input: { readonly id: string; readonly done: boolean; readonly owner?: string | undefined },
): Promise<readonly CycleTask[]> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    const { id: cycleId } = await getCycle(tx, input.id);
    const { done, owner } = input;
    return listTasks(tx, deps.clock.today(), { cycleId, done, owner });
  });
}

/** What is signed, or would be signed now. Throws NotFoundError, and StaleError while there are no figures. */
export function showCycleStatement(deps: Deps, caller: Caller, id: string): Promise<Statement> {
  return deps.store.readTenant(caller.tenantId, async (tx) =>
    statementOf(tx, await getCycle(tx, id), await cycleRecord(tx, id)),
  );
}
