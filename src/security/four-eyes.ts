import { ForbiddenError } from '../kernel/errors.ts';
import type { Caller } from './caller.ts';

/**
 * Throws a ForbiddenError if the caller is the person who asked for the change. Persons are compared, not keys:
 * a second key of the same person is the same pair of eyes. `requestedBy` is a person's id or an actor
 * (`person:<id>`, `system:<part>`); what a part of the program drew up may be approved by anyone who may approve.
 */
export function requireSecondPerson(
  caller: Pick<Caller, 'personId' | 'personName'>,
  requestedBy: string,
  what: string,
): void {
  if (requestedBy.replace(/^person:/, '') !== caller.personId) return;
  throw new ForbiddenError(
    `${caller.personName} asked for ${what} and cannot approve it too. Another person has to look at it.`,
  );
}
