import { appendAudit } from '../../audit/audit-log.ts';
import { contains, type LocalDate } from '../../kernel/dates.ts';
import { ValidationError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import { dayOfCycle } from '../../licensing/cycles/cycle-period.ts';
import { getCycle, type Cycle } from '../../licensing/cycles/cycles.ts';
import { gateText } from '../../licensing/cycles/gate.ts';
import { askRound, requireComputable } from '../../licensing/cycles/rounds.ts';
import type { Caller } from '../../security/caller.ts';
import { companySetting } from '../company-settings.ts';
import { cycleGate } from '../cycle-gate.ts';
import type { Deps } from '../deps.ts';
import { request } from '../request.ts';
import { settledInstant } from '../settle-writers.ts';

/** How many streams a refusal names. */
const NAMED = 20;

/**
 * Freezes what is known now and asks for the run of a cycle, of the last day of its period, or of today while that lies ahead. Streams
 * that are not read whole, proven and lately have to be taken so, with a reason: ValidationError names them. Throws NotFoundError,
 * and StaleError for a cycle under review.
 */
export async function computeCycle(
  deps: Deps,
  caller: Caller,
  input: {
    readonly id: string;
    readonly asOf: LocalDate | null;
    readonly acceptGaps: string | null;
  },
): Promise<Cycle> {
  const { id, acceptGaps } = input;
  const today = deps.clock.today();
  const asOf = await deps.store.readTenant(caller.tenantId, async (tx) => {
    const cycle = await getCycle(tx, id);
    requireComputable(cycle);
    return input.asOf ?? dayOfCycle(cycle.period.to, today);
  });
  const knownAt = await settledInstant(deps.store, caller.tenantId);
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const cycle = await getCycle(tx, id, true);
    requireInPeriod(cycle, asOf, today);
    const { freshHours } = await companySetting(tx, 'cycles');
    const gate = await cycleGate(deps, tx, freshHours);
    const lacking = gate.filter(({ problem }) => problem !== null);
    if (lacking.length > 0 && acceptGaps === null)
      throw new ValidationError(
        `${lacking.length} of ${gate.length} streams are not read whole, proven and lately. Read them again, or take them as they are with a reason. ${lacking.slice(0, NAMED).map(gateText).join('; ')}${lacking.length > NAMED ? '; …' : ''}`,
      );
    const runId = newId('rec');
    const gateReason = lacking.length === 0 ? null : acceptGaps;
    await askRound(tx, cycle, { runId, asOf, knownAt, gate, gateReason, by: caller.personId });
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'cycle.compute_asked',
      subject: { type: 'reconciliation_cycle', id },
      details: {
        runId,
        asOf,
        knownAt: knownAt.toISOString(),
        notWhole: lacking.map(gateText),
        reason: gateReason,
      },
    });
    const view = { asOf, knownAt: knownAt.toISOString() };
    await request(deps, tx, [
      { job: 'reconcile', key: runId, payload: { reconciliationId: runId, ...view } },
    ]);
    return getCycle(tx, id);
  });
}

function requireInPeriod({ period: { from, to } }: Cycle, asOf: LocalDate, today: LocalDate): void {
  if (contains({ from, to }, asOf) && asOf <= today) return;
  throw new ValidationError(
    `A cycle from ${from} to before ${to} looks at a day of that period that has come; ${asOf} is none.`,
  );
}
