import type * as z from 'zod';
import { appendAudit } from '../../audit/audit-log.ts';
import type { Caller } from '../../security/caller.ts';
import { saveSetting, SeatLimits } from '../company-settings.ts';
import type { Deps } from '../deps.ts';

export { SeatLimits };

/**
 * Replaces how many seats may be taken from people without another person's word, with defaults for what is not given; the
 * audit tells what it was before.
 */
export function putSeatLimits(
  deps: Deps,
  caller: Caller,
  given: z.input<typeof SeatLimits>,
): Promise<SeatLimits> {
  const limits = SeatLimits.parse(given);
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const before = await saveSetting(tx, 'seats', limits, caller.actor);
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'seat_limits.changed',
      subject: { type: 'settings', id: 'seats' },
      details: { before, after: limits },
    });
    return limits;
  });
}
