import { appendAudit } from '../../audit/audit-log.ts';
import { ValidationError } from '../../kernel/errors.ts';
import { factsOf } from '../../ledger/facts.ts';
import { ExceptionRequest } from '../../licensing/exception-request.ts';
import {
  requestException as request,
  type LicenceException,
} from '../../licensing/exception-requests.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

export { ExceptionRequest };

/**
 * Asks for an exception. It excludes nothing until somebody else has approved it. Throws ValidationError for one that could
 * never be approved, and for a part number that no source knows.
 */
export function requestException(
  deps: Deps,
  caller: Caller,
  wanted: ExceptionRequest,
): Promise<LicenceException> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const { sku } = wanted;
    if (sku !== null && (await factsOf(tx, 'sku', { where: { skuCode: sku } })).length === 0)
      throw new ValidationError(
        `No source knows the part number "${sku}". Name it as positions show it.`,
      );
    const asked = await request(tx, wanted, {
      personId: caller.personId,
      today: deps.clock.today(),
    });
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'exception.requested',
      subject: { type: 'exception', id: asked.id },
      details: { ...wanted },
    });
    return asked;
  });
}
