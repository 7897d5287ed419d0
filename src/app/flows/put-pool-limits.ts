import * as z from 'zod';
import { appendAudit } from '../../audit/audit-log.ts';
import type { JsonObject } from '../../kernel/hash.ts';
import { PoolLimits } from '../../licensing/seat-answer.ts';
import type { Caller } from '../../security/caller.ts';
import { saveSetting } from '../company-settings.ts';
import type { Deps } from '../deps.ts';

export { PoolLimits };

/** Replaces what a request for a seat meets, with defaults for what is not given; the audit tells what it was before. */
export function putPoolLimits(
  deps: Deps,
  caller: Caller,
  given: z.input<typeof PoolLimits>,
): Promise<PoolLimits> {
  const limits = PoolLimits.parse(given);
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const before = await saveSetting(tx, 'pools', limits, caller.actor);
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'pool_limits.changed',
      subject: { type: 'settings', id: 'pools' },
      details: { before: asJson(before), after: asJson(limits) },
    });
    return limits;
  });
}

/** What is not given is no member of the audit's entry. */
function asJson(limits: PoolLimits): JsonObject {
  return z.record(z.string(), z.json()).parse(JSON.parse(JSON.stringify(limits)));
}
