import type { RemediationTask } from '../../canonical/remediation-task.ts';
import type { TenantTx } from '../../db/store.ts';
import type { LocalDate } from '../../kernel/dates.ts';
import { NotFoundError, StaleError, ValidationError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import { noteStep, variancesOf, type Cycle } from './cycles.ts';

/** What somebody does about a variance, until it is done and proven. */
export interface CycleTask {
  readonly id: string;
  readonly cycleId: string;
  readonly subject: string;
  readonly action: RemediationTask['action'];
  readonly owner: string;
  readonly dueAt: LocalDate;
  /** Not done, and its day is over. */
  readonly overdue: boolean;
  readonly note: string | null;
  readonly madeBy: string;
  readonly madeAt: Date;
  readonly closedAt: Date | null;
  readonly closedBy: string | null;
  readonly proof: string | null;
}

/** `$1` is today. */
const COLUMNS = `t.id, t.cycle_id as "cycleId", t.subject, t.action, t.owner, t.due_at::text as "dueAt",
  t.closed_at is null and t.due_at < $1::date as overdue, t.note, t.made_by as "madeBy", t.made_at as "madeAt",
  t.closed_at as "closedAt", t.closed_by as "closedBy", t.proof`;

/** Tasks of a cycle, or of all, oldest first; those that are done only when asked for. */
export function listTasks(
  tx: TenantTx,
  today: LocalDate,
  filter: {
    readonly cycleId?: string;
    readonly done: boolean;
    readonly owner?: string | undefined;
  },
): Promise<readonly CycleTask[]> {
  return tx.sql<CycleTask>(
    `select ${COLUMNS} from remediation_task t where ($2::text is null or t.cycle_id = $2)
       and ($3 or t.closed_at is null) and ($4::text is null or t.owner = $4) order by t.id`,
    [today, filter.cycleId ?? null, filter.done, filter.owner ?? null],
  );
}

/** Keeps a task about a variance of the present round. Throws ValidationError for another subject or a day that is over. */
export async function addTask(
  tx: TenantTx,
  cycle: Cycle,
  task: Pick<CycleTask, 'subject' | 'action' | 'owner' | 'dueAt' | 'note' | 'madeBy'> & {
    readonly today: LocalDate;
  },
): Promise<CycleTask> {
  const { subject, action, owner, dueAt, note, madeBy, today } = task;
  if (!(await variancesOf(tx, cycle)).some((each) => each.subject === subject))
    throw new ValidationError(
      `"${subject}" is no variance of the cycle ${cycle.id}. See them with: trueup cycles show ${cycle.id}`,
    );
  if (dueAt < today) throw new ValidationError(`${dueAt} is over. Name a day from ${today} on.`);
  const id = newId('rtk');
  await tx.run(
    `insert into remediation_task (tenant_id, id, cycle_id, subject, action, owner, due_at, note, made_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [tx.tenantId, id, cycle.id, subject, action, owner, dueAt, note, madeBy],
  );
  await noteStep(tx, cycle, { step: `task ${id} to ${action}`, by: madeBy, reason: note });
  return getTask(tx, cycle.id, id, today);
}

/** Says that a task is done, with what proves it. Throws NotFoundError, and StaleError for one that is done. */
export async function closeTask(
  tx: TenantTx,
  cycle: Cycle,
  done: {
    readonly id: string;
    readonly by: string;
    readonly proof: string;
    readonly today: LocalDate;
  },
): Promise<CycleTask> {
  const { id, by, proof, today } = done;
  const task = await getTask(tx, cycle.id, id, today);
  if (task.closedAt !== null)
    throw new StaleError(`The task ${id} was done by ${task.closedBy} already.`);
  await tx.run(
    `update remediation_task set closed_at = app.clock(), closed_by = $2, proof = $3 where id = $1`,
    [id, by, proof],
  );
  await noteStep(tx, cycle, { step: `task ${id} done`, by, reason: proof });
  return getTask(tx, cycle.id, id, today);
}

async function getTask(
  tx: TenantTx,
  cycleId: string,
  id: string,
  today: LocalDate,
): Promise<CycleTask> {
  const [row] = await tx.sql<CycleTask>(
    `select ${COLUMNS} from remediation_task t where t.cycle_id = $2 and t.id = $3`,
    [today, cycleId, id],
  );
  if (row !== undefined) return row;
  throw new NotFoundError(
    `The cycle ${cycleId} has no task "${id}". See them with: trueup cycles tasks list ${cycleId}`,
  );
}

/** Tasks that became overdue and were not told of yet; each is given once. */
export function takeOverdue(
  tx: TenantTx,
  today: LocalDate,
): Promise<readonly Pick<CycleTask, 'id' | 'cycleId' | 'owner'>[]> {
  return tx.sql(
    `update remediation_task t set told_at = app.clock() where t.closed_at is null and t.told_at is null and t.due_at < $1::date
     returning t.id, t.cycle_id as "cycleId", t.owner`,
    [today],
  );
}
