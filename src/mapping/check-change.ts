import { ForbiddenError, StaleError, ValidationError } from '../kernel/errors.ts';
import type { MappingChange } from './changes.ts';

/** Somebody who decides about a request. */
export interface Decider {
  readonly personId: string;
  readonly personName: string;
}

/**
 * Throws unless this person may approve this content of the request: it waits, it is the content that the person saw, and
 * where two persons are asked for (four eyes) the person neither wrote nor submitted it.
 */
export function requireApprovable(
  change: MappingChange,
  seenHash: string,
  person: Decider,
  needsSecondPerson: boolean,
): void {
  requireState(change, ['waiting'], 'approved');
  if (change.hash !== seenHash) {
    throw new StaleError(
      `The request ${change.id} is about the content ${change.hash}; you looked at ${seenHash}. Look at it again.`,
    );
  }
  if (!needsSecondPerson || !wrote(change, person.personId)) return;
  throw new ForbiddenError(
    `${person.personName} wrote or submitted ${change.id}. Somebody else has to approve it.`,
  );
}

/** True for everybody who had a hand in what is asked for. */
export function wrote(
  { editors, submittedBy }: Pick<MappingChange, 'editors' | 'submittedBy'>,
  personId: string,
): boolean {
  return submittedBy === personId || editors.includes(personId);
}

/**
 * Throws StaleError if two persons are asked for and the one who approved had a hand in it: an approval from a time when
 * one person was enough does not outlast that time.
 */
export function requireSecondPerson(change: MappingChange, needsSecondPerson: boolean): void {
  if (!needsSecondPerson || change.decidedBy === null || !wrote(change, change.decidedBy)) return;
  throw new StaleError(
    `The request ${change.id} was approved by one of its writers, and a second person is asked for by now. Withdraw it, submit it again and let somebody else approve it.`,
  );
}

/** Throws StaleError unless the request is in one of these states. */
export function requireState(
  change: MappingChange,
  states: readonly MappingChange['state'][],
  what: string,
): void {
  if (states.includes(change.state)) return;
  throw new StaleError(
    `The request ${change.id} is ${change.state}, so it cannot be ${what}. It would have to be ${states.join(' or ')}.`,
  );
}

/** Throws StaleError if another version came into effect since the content was written. */
export function requireSameBase(
  { mappingId, baseVersion }: Pick<MappingChange, 'mappingId' | 'baseVersion'>,
  liveVersion: number | null,
): void {
  if (baseVersion === liveVersion) return;
  throw new StaleError(
    `Version ${liveVersion ?? 'none'} of "${mappingId}" is in effect, and this was written over version ${baseVersion ?? 'none'}. ` +
      `Compare them (mappings diff ${mappingId} --from live --to draft) and save the draft again with base version ${liveVersion ?? 'none'}.`,
  );
}

/** The instant at which something is to be published. Throws ValidationError for one that is past. */
export function requireFuture(at: Date, now: Date): Date {
  if (at > now) return at;
  throw new ValidationError(
    `${at.toISOString()} is past. Leave the time away to publish now, or name a later one.`,
  );
}
