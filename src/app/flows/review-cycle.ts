import { appendAudit } from '../../audit/audit-log.ts';
import type { LocalDate } from '../../kernel/dates.ts';
import { ValidationError } from '../../kernel/errors.ts';
import { getCycle } from '../../licensing/cycles/cycles.ts';
import { addTask, closeTask, type CycleTask } from '../../licensing/cycles/remediation-tasks.ts';
import { reviewCycle as review, type Review } from '../../licensing/cycles/review-cycle.ts';
import type { Caller } from '../../security/caller.ts';
import { getUser } from '../../security/users.ts';
import type { Deps } from '../deps.ts';

/**
 * Decides about variances of a cycle: noted or accepted, with a reason, or remediated, which has to be proven. Throws NotFoundError,
 * StaleError and ValidationError.
 */
export function reviewCycle(
  deps: Deps,
  caller: Caller,
  input: Omit<Review, 'by'> & { readonly id: string },
): Promise<{ readonly subjects: readonly string[] }> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const { id, ...wanted } = input;
    const cycle = await getCycle(tx, id, true);
    const subjects = await review(tx, cycle, { ...wanted, by: caller.personId });
    const { decision, reason } = wanted;
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'cycle.reviewed',
      subject: { type: 'reconciliation_cycle', id },
      details: { round: cycle.round, decision, reason, subjects },
    });
    return { subjects };
  });
}

/** Asks a person to do something about a variance, until a day. Throws NotFoundError and ValidationError. */
export function addCycleTask(
  deps: Deps,
  caller: Caller,
  input: Pick<CycleTask, 'subject' | 'action' | 'owner' | 'note'> & {
    readonly id: string;
    readonly dueAt: LocalDate;
  },
): Promise<CycleTask> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const { id, ...task } = input;
    const cycle = await getCycle(tx, id, true);
    const owner = await getUser(tx, task.owner);
    if (owner.status === 'disabled')
      throw new ValidationError(`${owner.name} is disabled and cannot see to it. Name another person.`); // prettier-ignore
    const today = deps.clock.today();
    const added = await addTask(tx, cycle, { ...task, madeBy: caller.personId, today });
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'cycle.task_added',
      subject: { type: 'reconciliation_cycle', id },
      details: { taskId: added.id, ...task },
    });
    return added;
  });
}

/** Says that a task is done, and what proves it. Throws NotFoundError and StaleError. */
export function closeCycleTask(
  deps: Deps,
  caller: Caller,
  input: { readonly id: string; readonly taskId: string; readonly proof: string },
): Promise<CycleTask> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const { id, taskId, proof } = input;
    const cycle = await getCycle(tx, id, true);
    const today = deps.clock.today();
    const done = await closeTask(tx, cycle, { id: taskId, by: caller.personId, proof, today });
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'cycle.task_done',
      subject: { type: 'reconciliation_cycle', id },
      details: { taskId, proof },
    });
    return done;
  });
}
