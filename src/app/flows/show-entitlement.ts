import type { EntitlementTransaction } from '../../canonical/entitlement-transaction.ts';
import type { Entitlement } from '../../canonical/entitlement.ts';
import type { Fact } from '../../ledger/fact.ts';
import { factOf, factsOf, OWN_CONNECTION } from '../../ledger/facts.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** One entitlement with every transaction that ever gave or took rights of it. */
export interface EntitlementDetail {
  readonly entitlement: Entitlement;
  readonly transactions: readonly EntitlementTransaction[];
  readonly order: Fact<'order'> | null;
}

/** One entitlement. Throws NotFoundError. */
export function showEntitlement(
  deps: Deps,
  caller: Caller,
  ref: string,
): Promise<EntitlementDetail> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    const { body } = await factOf(tx, 'entitlement', OWN_CONNECTION, ref);
    const transactions = await factsOf(tx, 'entitlementTransaction', {
      where: { entitlementRef: ref },
    });
    const orders =
      body.orderConnection === undefined || body.orderRef === undefined
        ? []
        : await factsOf(tx, 'order', { connection: body.orderConnection, refs: [body.orderRef] });
    return {
      entitlement: body,
      transactions: transactions.map((fact) => fact.body),
      order: orders[0] ?? null,
    };
  });
}
