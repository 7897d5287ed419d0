import { contains } from '../../kernel/dates.ts';
import { compare, parseDecimal, rational } from '../../kernel/rational.ts';
import type { Fact } from '../../ledger/fact.ts';
import type { Snapshot } from '../snapshot.ts';
import { groupBy } from '../sort.ts';

type Link = Fact<'organizationRelationship'>['body'];
type Definition = Fact<'affiliateDefinition'>['body'];

/** Who belongs to whom on a snapshot's day. */
export interface OrgTree {
  /** True if the organisation is the other one or stands below it, by whatever relation of owning or control. */
  isBelow(org: string, top: string): boolean;
  /** True if it is an affiliate of the owner in the words of an agreement; an organisation is one of itself. */
  isAffiliate(definition: Definition, owner: string, org: string): boolean;
}

const HALF = '50';

/** The tree of a snapshot. A circle of owners ends where it closes. */
export function orgTreeOf(snapshot: Snapshot): OrgTree {
  const { asOf } = snapshot;
  const links = snapshot.organizationRelationships
    .map(({ body }) => body)
    .filter(({ validFrom, validTo }) => contains({ from: validFrom ?? asOf, to: validTo }, asOf));
  const below = groupBy(links, ({ parentRef }) => parentRef);
  const reaches = (top: string, org: string, passes: (link: Link) => boolean): boolean => {
    const seen = new Set([top]);
    for (const each of seen) {
      if (each === org) return true;
      for (const link of below.get(each) ?? []) if (passes(link)) seen.add(link.childRef);
    }
    return false;
  };
  return {
    isBelow: (org, top) =>
      reaches(top, org, ({ relation }) => relation === 'owns' || relation === 'controls'),
    isAffiliate: (definition, owner, org) =>
      definition.rule === 'named_list'
        ? org === owner || definition.organizationRefs.includes(org)
        : reaches(owner, org, (link) => isHeld(definition, link)),
  };
}

/** One link of a chain of affiliates: a company held by one that is held itself is held, whatever the product of the shares. */
function isHeld({ rule, thresholdPct = HALF }: Definition, link: Link): boolean {
  if (rule === 'control' && link.relation === 'controls') return true;
  if (link.relation !== 'owns') return false;
  const share = link.ownershipPct === undefined ? rational(0n) : parseDecimal(link.ownershipPct);
  const over = compare(share, parseDecimal(thresholdPct));
  return rule === 'ownership_ge' ? over >= 0 : over > 0;
}
