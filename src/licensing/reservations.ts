import type { Fact } from '../ledger/fact.ts';
import { byAccount } from '../ledger/identity/identities.ts';
import { subjectOf, type Subjects } from './demand.ts';
import { groupMembersOf, type GroupMembers } from './group-members.ts';
import type { Snapshot } from './snapshot.ts';
import { bySource, groupBy } from './sort.ts';
import type { Reservation } from './split.ts';

/** A reservation and the allocation that it comes from; one to a group gives several. */
export interface PoolReservation extends Reservation {
  readonly fact: Fact<'allocation'>;
}

/** What is set aside of the rights of one entitlement, and what could not be told of it. */
interface Reserved {
  readonly reservations: readonly PoolReservation[];
  readonly gaps: readonly string[];
  readonly doubts: readonly string[];
}

/** The reservations in force of each entitlement, by connection and reference. */
export function reservedRights(
  snapshot: Snapshot,
  subjects: Subjects,
): ReadonlyMap<string, Reserved> {
  const membersOf = groupMembersOf(snapshot, subjects);
  const inForce = snapshot.allocations
    .filter(({ body }) => (body.validFrom ?? snapshot.asOf) <= snapshot.asOf)
    .filter(({ body }) => body.validTo === undefined || snapshot.asOf < body.validTo)
    .toSorted(bySource);
  const groups = groupBy(inForce, (each) => byAccount(each.connection, each.body.entitlementRef));
  return new Map([...groups].map(([key, facts]) => [key, reserve(facts, subjects, membersOf)]));
}

/** Those to persons and machines first: who has one of them gets none of a group, and of several groups one (G-08). */
function reserve(
  facts: readonly Fact<'allocation'>[],
  subjects: Subjects,
  membersOf: (connection: string, ref: string) => GroupMembers,
): Reserved {
  const single = facts
    .filter(({ body }) => body.subjectType !== 'group')
    .map((fact) => toReservation(fact, subjects));
  const served = new Set(single.map(({ subjectId }) => subjectId));
  const reservations = [...single];
  const gaps = new Set<string>();
  const doubts = new Set<string>();
  for (const fact of facts.filter(({ body }) => body.subjectType === 'group')) {
    const { subjectRef, quantity, blocking } = fact.body;
    const members = membersOf(fact.connection, subjectRef);
    for (const group of members.unknown) gaps.add(`unknown_group: ${group}`);
    if (members.cyclic) doubts.add(`cyclic_group: ${subjectRef}`);
    for (const subjectId of members.subjectIds.filter((each) => !served.has(each))) {
      served.add(subjectId);
      reservations.push({ subjectId, quantity, blocking, fact });
    }
  }
  return { reservations, gaps: [...gaps], doubts: [...doubts] };
}

function toReservation(fact: Fact<'allocation'>, subjects: Subjects): PoolReservation {
  const { subjectType, subjectRef, quantity, blocking } = fact.body;
  const subjectId =
    subjectType === 'account'
      ? subjectOf(subjects, fact.connection, subjectRef)
      : subjectType === 'person'
        ? subjectRef
        : `device:${byAccount(fact.connection, subjectRef)}`;
  return { subjectId, quantity, blocking, fact };
}
