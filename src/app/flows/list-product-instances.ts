import { listInstances, type RegisteredInstance } from '../../intake/usage/product-instances.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** The company's registered product instances, by id. */
export function listProductInstances(
  deps: Pick<Deps, 'store'>,
  caller: Caller,
  page: { readonly after?: string | undefined; readonly limit: number },
): Promise<readonly RegisteredInstance[]> {
  return deps.store.readTenant(caller.tenantId, (tx) => listInstances(tx, page));
}
