import { byAccount } from '../ledger/identity/identities.ts';
import { subjectOf, type Subjects } from './demand.ts';
import type { Snapshot } from './snapshot.ts';
import { compareText } from './sort.ts';

/** The persons of a group and of the groups inside it. */
export interface GroupMembers {
  /** Each once, in the order of their ids. */
  readonly subjectIds: readonly string[];
  /** Groups that are named and that nobody knows: who else belongs to it cannot be said. */
  readonly unknown: readonly string[];
  /** True if a group is inside itself; its persons are still those of all groups that it names. */
  readonly cyclic: boolean;
}

/** Who belongs to a group of one connection. */
export function groupMembersOf(
  { groups }: Snapshot,
  subjects: Subjects,
): (connection: string, groupRef: string) => GroupMembers {
  const known = new Map(
    groups.map((each) => [byAccount(each.connection, each.externalRef), each.body]),
  );
  return (connection, groupRef) => {
    const found = new Set<string>();
    const unknown = new Set<string>();
    const done = new Set<string>();
    const path = new Set<string>();
    let cyclic = false;
    const visit = (ref: string): void => {
      if (path.has(ref)) cyclic = true;
      if (done.has(ref)) return;
      done.add(ref);
      const body = known.get(byAccount(connection, ref));
      if (body === undefined) {
        unknown.add(ref);
        return;
      }
      path.add(ref);
      for (const member of body.memberRefs) found.add(subjectOf(subjects, connection, member));
      for (const child of body.childGroupRefs ?? []) visit(child);
      path.delete(ref);
    };
    visit(groupRef);
    return {
      subjectIds: [...found].toSorted(compareText),
      unknown: [...unknown].toSorted(compareText),
      cyclic,
    };
  };
}
