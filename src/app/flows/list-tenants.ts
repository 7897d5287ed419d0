import { listTenants as list, type Tenant } from '../../db/tenants.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { requireOperator } from '../operator.ts';

/** Every company of this installation. Throws ForbiddenError unless the caller runs it. */
export async function listTenants(deps: Deps, caller: Caller): Promise<readonly Tenant[]> {
  requireOperator(caller);
  return await list(deps.store);
}
