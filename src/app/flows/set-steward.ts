import { appendAudit } from '../../audit/audit-log.ts';
import type { LocalDate } from '../../kernel/dates.ts';
import { ValidationError } from '../../kernel/errors.ts';
import type { StewardState } from '../../mapping/steward-states.ts';
import { saveStewardship, type StewardSubject } from '../../mapping/stewards.ts';
import type { Caller } from '../../security/caller.ts';
import { getUser } from '../../security/users.ts';
import type { Deps } from '../deps.ts';
import { keepStewardFindings, stewardView } from '../steward-view.ts';
import { stewardOf } from './list-stewards.ts';

/**
 * Names who answers for a thing and when it is to be looked at again, or takes both back; what was found about it is
 * mended at once. Throws NotFoundError for a thing or person that there is not, PreconditionFailed, and a ValidationError
 * for a person who is disabled.
 */
export function setSteward(
  deps: Deps,
  caller: Caller,
  input: {
    readonly type: StewardSubject;
    readonly id: string;
    readonly seen: string;
    /** Null: nobody from now on. */
    readonly personId: string | null;
    readonly reviewDue: LocalDate | null;
  },
): Promise<StewardState> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const { type, id, seen, personId, reviewDue } = input;
    stewardOf(await stewardView(deps, tx), input);
    if (personId !== null) {
      const { status, name } = await getUser(tx, personId);
      if (status === 'disabled')
        throw new ValidationError(`${name} is disabled and cannot answer for anything.`);
    }
    const change = { seen, personId, reviewDue, person: caller.actor };
    const { before } = await saveStewardship(tx, { type, id }, change);
    await appendAudit(tx, {
      actor: caller.actor,
      action: personId === null ? 'steward.cleared' : 'steward.set',
      subject: { type, id },
      details: {
        before: { person: before?.personId ?? null, reviewDue: before?.reviewDue ?? null },
        after: { person: personId, reviewDue },
      },
    });
    await keepStewardFindings(deps, tx);
    return stewardOf(await stewardView(deps, tx), input);
  });
}
