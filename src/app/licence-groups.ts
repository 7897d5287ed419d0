import { contains } from '../kernel/dates.ts';
import type { Fact } from '../ledger/fact.ts';
import type { Catalogue } from '../licensing/catalogue.ts';
import { OWN } from '../licensing/pools.ts';
import type { Snapshot } from '../licensing/snapshot.ts';

/** A group of a directory with the members that it shall have. */
export interface LicenceGroup {
  readonly connection: string;
  readonly id: string;
  readonly members: readonly string[];
}

/** The products of which rights are set aside for the members of a group, or of a group around it. */
export function productsOfGroup(
  snapshot: Snapshot,
  catalogue: Catalogue,
  { connection, id }: Pick<LicenceGroup, 'connection' | 'id'>,
): readonly string[] {
  const around = groupsAround(snapshot, connection, id);
  const entitlements = snapshot.allocations
    .filter(({ body, ...fact }) => {
      const days = { from: body.validFrom ?? snapshot.asOf, to: body.validTo };
      const isOfGroup = body.subjectType === 'group' && around.has(body.subjectRef);
      return fact.connection === connection && isOfGroup && contains(days, snapshot.asOf);
    })
    .map(({ body }) => body.entitlementRef);
  const products = snapshot.entitlements
    .filter(
      (fact) =>
        fact.connection === connection &&
        entitlements.includes(fact.externalRef) &&
        fact.body.posture === 'licensee' &&
        fact.body.ownerRef === OWN,
    )
    .map(({ body }) => catalogue.resolve(connection, body.skuCode));
  return [...new Set(products)].toSorted();
}

/** A group, and every group that it is inside of. */
function groupsAround({ groups }: Snapshot, connection: string, id: string): ReadonlySet<string> {
  const around = new Set([id]);
  for (const inner of around)
    for (const { connection: of, externalRef, body } of groups)
      if (of === connection && body.childGroupRefs?.includes(inner) === true)
        around.add(externalRef);
  return around;
}

/** The world with a group of these members; ids of groups begin as those that a directory gives them. */
export function withMembers(
  snapshot: Snapshot,
  { connection, id, members }: LicenceGroup,
): Snapshot {
  const isIt = (fact: Fact<'userGroup'>): boolean =>
    fact.connection === connection && fact.externalRef === id;
  const known = snapshot.groups.find(isIt);
  const group: Fact<'userGroup'> = {
    factId: `asked ${connection} ${id}`,
    noun: 'userGroup',
    connection,
    externalRef: id,
    body: {
      externalRef: id,
      displayName: known?.body.displayName ?? id,
      memberRefs: members.filter((each) => !isGroup(each)),
      childGroupRefs: members.filter(isGroup),
    },
    lineage: null,
    recordedFrom: snapshot.knownAt,
  };
  return { ...snapshot, groups: [...snapshot.groups.filter((each) => !isIt(each)), group] };
}

const isGroup = (id: string): boolean => id.startsWith('dgr_');
