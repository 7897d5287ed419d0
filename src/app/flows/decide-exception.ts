import { appendAudit } from '../../audit/audit-log.ts';
import type { TenantTx } from '../../db/store.ts';
import { decideFacts } from '../../ledger/facts.ts';
import {
  decideException as decide,
  endException as end,
  exceptionFactOf,
  type LicenceException,
} from '../../licensing/exception-requests.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/**
 * Approves or declines a request; an approved one takes demand out of every run from now on. Nobody decides what they asked
 * for (ForbiddenError). Throws NotFoundError, StaleError and ValidationError.
 */
export function decideException(
  deps: Deps,
  caller: Caller,
  input: {
    readonly id: string;
    readonly decision: 'approved' | 'declined';
    readonly reason: string | null;
  },
): Promise<LicenceException> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const { id, decision, reason } = input;
    const decided = await decide(tx, id, {
      status: decision,
      reason,
      personId: caller.personId,
      personName: caller.personName,
      today: deps.clock.today(),
    });
    await keepFact(tx, decided);
    const { effectiveFrom, validTo } = decided;
    await appendAudit(tx, {
      actor: caller.actor,
      action: `exception.${decision}`,
      subject: { type: 'exception', id },
      details: { requestedBy: decided.requestedBy, effectiveFrom, validTo, reason },
    });
    return decided;
  });
}

/**
 * Ends an exception from today on, or takes a request back: whoever may ask for one may, since it only brings demand back.
 * Throws NotFoundError, and StaleError for one that is over.
 */
export function endException(
  deps: Deps,
  caller: Caller,
  input: { readonly id: string; readonly reason: string },
): Promise<LicenceException> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const { id, reason } = input;
    const today = deps.clock.today();
    const ended = await end(tx, id, { reason, personId: caller.personId, today });
    await keepFact(tx, ended);
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'exception.ended',
      subject: { type: 'exception', id },
      details: { effectiveFrom: ended.effectiveFrom, endedOn: ended.endedOn, reason },
    });
    return ended;
  });
}

/** Reconciliations read the fact: what was known at an instant stays known. */
async function keepFact(tx: TenantTx, row: LicenceException): Promise<void> {
  const fact = exceptionFactOf(row);
  await decideFacts(tx, 'exception', fact === null ? [] : [fact], { externalRefs: [row.id] });
}
