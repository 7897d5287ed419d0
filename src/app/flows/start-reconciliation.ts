import { appendAudit } from '../../audit/audit-log.ts';
import { ValidationError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { request } from '../request.ts';

/** Another day than today, or the world as it was known at another instant than now. */
export interface ReconciliationView {
  readonly asOf?: string | undefined;
  /** ISO 8601. */
  readonly knownAt?: string | undefined;
}

/**
 * Asks for a reconciliation and says under which id it will be found: of today as known now, or of the day and instant
 * given. A look at another day or instant keeps its lines; it opens and resolves no finding and is shown nowhere else.
 * Throws ValidationError for an instant that is still to come.
 */
export function startReconciliation(
  deps: Deps,
  caller: Caller,
  { asOf, knownAt }: ReconciliationView = {},
): Promise<{ readonly reconciliationId: string }> {
  const reconciliationId = newId('rec');
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    if (knownAt !== undefined && Date.parse(knownAt) > (await tx.clock()).getTime()) {
      throw new ValidationError(
        `Nobody knows yet what will be known at ${knownAt}. Name an instant that has passed, or leave it out.`,
      );
    }
    const view = { asOf: asOf ?? null, knownAt: knownAt ?? null };
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'reconciliation.started',
      subject: { type: 'reconciliation', id: reconciliationId },
      ...(asOf === undefined && knownAt === undefined ? {} : { details: view }),
    });
    await request(deps, tx, [
      { job: 'reconcile', key: reconciliationId, payload: { reconciliationId, ...view } },
    ]);
    return { reconciliationId };
  });
}
