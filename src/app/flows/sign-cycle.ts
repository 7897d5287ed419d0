import { appendAudit } from '../../audit/audit-log.ts';
import type { TenantTx } from '../../db/store.ts';
import { StaleError } from '../../kernel/errors.ts';
import { cycleRecord } from '../../licensing/cycles/cycle-record.ts';
import { getCycle, openRound, type Cycle } from '../../licensing/cycles/cycles.ts';
import { reopenCycle as reopen } from '../../licensing/cycles/rounds.ts';
import {
  isComplete,
  keepSignature,
  requireMaySign,
  statementOf,
  type Signature,
} from '../../licensing/cycles/sign-cycle.ts';
import type { Caller } from '../../security/caller.ts';
import { companySetting } from '../company-settings.ts';
import { cycleBlockers } from '../cycle-blockers.ts';
import type { Deps } from '../deps.ts';
import { tell } from '../tell.ts';

/** How many blockers a refusal names. */
const NAMED = 20;

/**
 * Signs the statement of a cycle for a role; the last role that signs closes it and tells webhooks. Refused while something blocks it
 * (StaleError, which lists what), for a statement other than the one that was read, and for a person who may not (ForbiddenError).
 */
export function signCycle(
  deps: Deps,
  caller: Caller,
  input: Pick<Signature, 'role' | 'statementHash'> & { readonly id: string },
): Promise<Cycle> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const { id, role, statementHash } = input;
    const cycle = await getCycle(tx, id, true);
    const round = openRound(cycle);
    const record = await cycleRecord(tx, id);
    const policy = await companySetting(tx, 'cycles');
    const statement = await statementOf(tx, cycle, record);
    const { personId, personName, roles } = caller;
    const signature = { role, statementHash, personId, personName, roles };
    requireMaySign(policy, signature, {
      owner: cycle.owner,
      computedBy: round.askedBy,
      statementHash: statement.hash,
      signOffs: record.signOffs,
    });
    await requireUnblocked(deps, tx, cycle);
    const complete = isComplete(policy, [...record.signOffs, { role }]);
    await keepSignature(tx, cycle, { signature, statement, complete });
    await auditSignature(tx, caller, { id, role, statementHash, complete });
    if (complete) {
      const data = { cycleId: id, runId: round.runId, statementHash };
      await tell(tx, { type: 'reconciliation.signed_off', subject: `reconciliation_cycle:${id}`, data }); // prettier-ignore
    }
    return getCycle(tx, id);
  });
}

async function requireUnblocked(deps: Deps, tx: TenantTx, cycle: Cycle): Promise<void> {
  const blockers = await cycleBlockers(tx, cycle, deps.clock.today());
  if (blockers.length === 0) return;
  const named = blockers.slice(0, NAMED).map(({ text }) => text);
  throw new StaleError(
    `${blockers.length} things keep the cycle ${cycle.id} from being signed. ${named.join(' ')}${blockers.length > NAMED ? ' …' : ''}`,
  );
}

async function auditSignature(
  tx: TenantTx,
  caller: Caller,
  signed: {
    readonly id: string;
    readonly role: string;
    readonly statementHash: string;
    readonly complete: boolean;
  },
): Promise<void> {
  const { id, role, statementHash, complete } = signed;
  const subject = { type: 'reconciliation_cycle', id };
  await appendAudit(tx, {
    actor: caller.actor,
    action: 'cycle.signed',
    subject,
    details: { role, statementHash },
  });
  if (complete)
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'cycle.signed_off',
      subject,
      details: { statementHash },
    });
}

/** Opens a cycle again, for a reason: what was signed stays, and the next figures are a new round. Throws StaleError. */
export function reopenCycle(
  deps: Deps,
  caller: Caller,
  input: { readonly id: string; readonly reason: string },
): Promise<Cycle> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const { id, reason } = input;
    const cycle = await getCycle(tx, id, true);
    await reopen(tx, cycle, { by: caller.personId, reason });
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'cycle.reopened',
      subject: { type: 'reconciliation_cycle', id },
      details: { round: cycle.round, was: cycle.status, reason },
    });
    return getCycle(tx, id);
  });
}
