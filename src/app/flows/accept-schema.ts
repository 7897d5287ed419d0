import { appendAudit } from '../../audit/audit-log.ts';
import { liveConnection } from '../../intake/connections.ts';
import { endPauses, listPauses } from '../../mapping/paused-mappings.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { resumeWork } from '../paused-pages.ts';

/**
 * Uses mappings again although a field that they use is gone or another one: a person has looked at it. What waited is
 * mapped as it landed, or written as it was made. Returns how many pauses ended. Throws NotFoundError.
 */
export function acceptSchema(
  deps: Pick<Deps, 'store' | 'queue'>,
  caller: Caller,
  connection: string,
): Promise<{ readonly accepted: number }> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    await liveConnection(tx, connection);
    const pauses = await listPauses(tx, connection);
    await endPauses(tx, connection, pauses);
    await resumeWork(deps, tx, connection, pauses);
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'schema.accepted',
      subject: { type: 'connection', id: connection },
      details: {
        pauses: pauses.map(({ mappingId, fieldStream, field, kind }) => ({
          mappingId,
          object: fieldStream,
          field,
          kind,
        })),
      },
    });
    return { accepted: pauses.length };
  });
}
