import type { TenantTx } from '../db/store.ts';
import { listIncidents } from '../delivery/handle-incident.ts';
import type { LocalDate } from '../kernel/dates.ts';
import type { Cycle } from '../licensing/cycles/cycles.ts';
import { listTasks } from '../licensing/cycles/remediation-tasks.ts';
import { undecided } from '../licensing/cycles/review-cycle.ts';

/** Something that keeps a cycle from being signed. */
export interface CycleBlocker {
  readonly kind: 'not_computed' | 'undecided' | 'task_overdue' | 'incident';
  /** What it is about: a variance, a task, an incident. */
  readonly subject: string;
  readonly text: string;
}

/** Incidents that make what a run counted doubtful; those of writes do not. */
const DOUBTFUL: ReadonlySet<string> = new Set([
  'open_certificate',
  'parked_connection',
  'people_hold',
  'record_hold',
]);
/** Those that say what the gate says, too. */
const OF_STREAMS: ReadonlySet<string> = new Set(['open_certificate', 'parked_connection']);
const INCIDENTS = 500;

/**
 * Everything that keeps the present round from being signed: variances that nobody decided about, tasks that are overdue, and open
 * incidents that make its data doubtful, but for streams that were taken as they are, with a reason, when the data were frozen.
 */
export async function cycleBlockers(
  tx: TenantTx,
  cycle: Cycle,
  today: LocalDate,
): Promise<readonly CycleBlocker[]> {
  if (cycle.now === null || cycle.now.content === null || cycle.status === 'reopened') {
    const text = 'Its figures are not computed yet.';
    return [{ kind: 'not_computed', subject: cycle.id, text }];
  }
  const open = (await undecided(tx, cycle)).map((subject): CycleBlocker => ({
    kind: 'undecided',
    subject,
    text: `Nobody decided about ${subject}.`,
  }));
  const late = (await listTasks(tx, today, { cycleId: cycle.id, done: false }))
    .filter(({ overdue }) => overdue)
    .map((task): CycleBlocker => ({
      kind: 'task_overdue',
      subject: task.id,
      text: `The task ${task.id} (${task.action}, ${task.subject}) was due on ${task.dueAt}.`,
    }));
  const taken = new Set(
    cycle.now.gate
      .filter(({ problem }) => problem !== null)
      .flatMap(({ connection, stream }) => [connection, `${connection}/${stream}`]),
  );
  const incidents = await listIncidents(tx, { status: 'open', severity: 'high', limit: INCIDENTS });
  const doubts = incidents
    .filter(({ kind, key, clearedAt }) => {
      if (!DOUBTFUL.has(kind) || clearedAt !== null) return false;
      return !(OF_STREAMS.has(kind) && taken.has(key));
    })
    .map(({ id, title }): CycleBlocker => ({ kind: 'incident', subject: id, text: title }));
  return [...open, ...late, ...doubts];
}
