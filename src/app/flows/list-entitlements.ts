import type { Entitlement } from '../../canonical/entitlement.ts';
import { addQuantity } from '../../kernel/quantity.ts';
import { contains } from '../../kernel/dates.ts';
import { factsOf } from '../../ledger/facts.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** An entitlement with the rights that its transactions give on the business day. */
export interface EntitlementView extends Entitlement {
  readonly rightsInForce: string;
}

export interface EntitlementFilter {
  readonly status?: Entitlement['status'] | undefined;
  readonly ownerRef?: string | undefined;
  readonly dealRef?: string | undefined;
  readonly posture?: Entitlement['posture'] | undefined;
  /** Only references after this one; the list is in the order of references. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** Entitlements in the order of their references, with their rights in force today. */
export function listEntitlements(
  deps: Deps,
  caller: Caller,
  filter: EntitlementFilter,
): Promise<readonly EntitlementView[]> {
  const { status, ownerRef, dealRef, posture } = filter;
  const where = Object.fromEntries(
    Object.entries({ status, ownerRef, dealRef, posture }).filter(
      ([, value]) => value !== undefined,
    ),
  ) as Record<string, string>;
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    const found = (await factsOf(tx, 'entitlement', { where }))
      .map((fact) => fact.body)
      .filter((body) => filter.after === undefined || body.externalRef > filter.after)
      .toSorted((a, b) => (a.externalRef < b.externalRef ? -1 : 1))
      .slice(0, filter.limit);
    const refs = new Set(found.map((body) => body.externalRef));
    const inForce = new Map<string, string>();
    for (const { body } of await factsOf(tx, 'entitlementTransaction')) {
      if (
        !refs.has(body.entitlementRef) ||
        !contains({ from: body.validFrom ?? '0000-01-01', to: body.validTo }, deps.clock.today())
      )
        continue;
      inForce.set(
        body.entitlementRef,
        addQuantity(inForce.get(body.entitlementRef) ?? '0', body.quantityDelta),
      );
    }
    return found.map((body) => ({ ...body, rightsInForce: inForce.get(body.externalRef) ?? '0' }));
  });
}
