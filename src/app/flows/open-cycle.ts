import * as z from 'zod';
import { appendAudit } from '../../audit/audit-log.ts';
import { CalendarDate } from '../../canonical/fields.ts';
import { ReconciliationCycle } from '../../canonical/reconciliation-cycle.ts';
import { ValidationError } from '../../kernel/errors.ts';
import { firstPeriod } from '../../licensing/cycles/cycle-period.ts';
import { getCycle, keepCycle, type Cycle } from '../../licensing/cycles/cycles.ts';
import type { Caller } from '../../security/caller.ts';
import { getUser } from '../../security/users.ts';
import type { Deps } from '../deps.ts';

const Ref = z.string().trim().min(1).max(255);

/** What a cycle looks at. */
export const CycleScope = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('all'), ref: z.null().default(null) }),
  z.strictObject({
    kind: z.enum(['publisher', 'product', 'customer', 'legal_entity']),
    ref: Ref,
  }),
]);

/** A cycle that somebody wants to open. */
export const NewCycle = z.strictObject({
  name: z.string().trim().min(1).max(200),
  scope: CycleScope.default({ kind: 'all', ref: null }),
  frequency: ReconciliationCycle.shape.frequency,
  /** The first day of its first period; later ones begin on the same day of the month. */
  from: CalendarDate,
  /** The first day after the period; only where it comes once. */
  to: CalendarDate.nullable().default(null),
  /** A person; whoever opens it where null. */
  owner: z.string().min(1).max(100).nullable().default(null),
});
export type NewCycle = z.output<typeof NewCycle>;

/** Opens a cycle. Throws ValidationError for a period that does not fit, or an owner who is disabled; NotFoundError for nobody. */
export function openCycle(deps: Deps, caller: Caller, wanted: NewCycle): Promise<Cycle> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const { name, scope, frequency, from } = wanted;
    const period = firstPeriod(frequency, from, wanted.to);
    const owner = await getUser(tx, wanted.owner ?? caller.personId);
    if (owner.status === 'disabled')
      throw new ValidationError(`${owner.name} is disabled and can own no cycle.`);
    const id = await keepCycle(tx, {
      name,
      scope,
      frequency,
      anchorDay: Number(from.slice(8)),
      period,
      owner: owner.id,
      follows: null,
      by: caller.personId,
    });
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'cycle.opened',
      subject: { type: 'reconciliation_cycle', id },
      details: { name, scope, frequency, ...period, owner: owner.id },
    });
    return getCycle(tx, id);
  });
}
