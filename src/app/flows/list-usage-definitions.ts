import type { PublishedDefinition } from '../../intake/usage/definition.ts';
import { listDefinitions } from '../../intake/usage/definitions.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** Every version of the company's usage definitions, by name and version. */
export function listUsageDefinitions(
  deps: Pick<Deps, 'store'>,
  caller: Caller,
): Promise<readonly PublishedDefinition[]> {
  return deps.store.readTenant(caller.tenantId, (tx) => listDefinitions(tx));
}
