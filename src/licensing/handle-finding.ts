import type { TenantTx } from '../db/store.ts';
import { addDays, type LocalDate } from '../kernel/dates.ts';
import { StaleError, ValidationError } from '../kernel/errors.ts';
import { findingDue } from './finding-identity.ts';
import type { SavedFinding } from './finding-store.ts';
import { lockRuns } from './run-store.ts';
import { getFinding } from './runs.ts';

/** The longest that a finding is accepted for: what is lived with is looked at once a year. */
const LONGEST_DAYS = 366;

/** A finding that is not resolved, while no run opens or resolves it. Throws NotFoundError and StaleError. */
async function unresolved(tx: TenantTx, id: string): Promise<SavedFinding> {
  await lockRuns(tx);
  const finding = await getFinding(tx, id);
  if (finding.status !== 'resolved') return finding;
  throw new StaleError(
    `Finding ${id} is resolved: the reconciliation ${finding.lastRunId} no longer found it. Nothing is left to do.`,
  );
}

/** Names who sees to it, or nobody. Throws NotFoundError, and StaleError where it is resolved. */
export async function assignFinding(
  tx: TenantTx,
  id: string,
  owner: string | null,
): Promise<SavedFinding> {
  await unresolved(tx, id);
  await tx.run('update finding set owner = $2 where id = $1', [id, owner]);
  return getFinding(tx, id);
}

/** Somebody works on it. Throws NotFoundError, and StaleError where it is resolved. */
export async function startFinding(
  tx: TenantTx,
  id: string,
  person: string,
): Promise<SavedFinding> {
  await unresolved(tx, id);
  await tx.run(
    `update finding set status = 'in_progress', owner = coalesce(owner, $2), accepted_by = null,
       accepted_reason = null, accepted_until = null where id = $1`,
    [id, person],
  );
  return getFinding(tx, id);
}

/**
 * Somebody answers for living with it, until a day: the first reconciliation of that day or later opens it again. Throws
 * NotFoundError, StaleError where it is resolved, and ValidationError for a day that has come or is more than a year away.
 */
export async function acceptFinding(
  tx: TenantTx,
  id: string,
  word: {
    readonly by: string;
    readonly reason: string;
    readonly until: LocalDate;
    readonly today: LocalDate;
  },
): Promise<SavedFinding> {
  const { by, reason, until, today } = word;
  const latest = addDays(today, LONGEST_DAYS);
  if (until <= today || until > latest) {
    throw new ValidationError(
      `A finding is accepted until a day after ${today}, and at most until ${latest}; ${until} is not. Name another day.`,
    );
  }
  await unresolved(tx, id);
  await tx.run(
    `update finding set status = 'accepted', accepted_by = $2, accepted_reason = $3, accepted_until = $4 where id = $1`,
    [id, by, reason, until],
  );
  return getFinding(tx, id);
}

/** It is open again, with the days of its severity to deal with it where it was accepted. Throws NotFoundError and StaleError. */
export async function reopenFinding(
  tx: TenantTx,
  id: string,
  today: LocalDate,
): Promise<SavedFinding> {
  const { status, severity, dueAt } = await unresolved(tx, id);
  const due = status === 'accepted' ? findingDue(severity, today) : dueAt;
  await tx.run(
    `update finding set status = 'open', due_at = $2, accepted_by = null, accepted_reason = null, accepted_until = null
     where id = $1`,
    [id, due],
  );
  return getFinding(tx, id);
}
