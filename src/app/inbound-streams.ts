import type { NounName } from '../canonical/nouns.ts';
import type { TenantTx } from '../db/store.ts';
import { activePlans } from '../mapping/active-plans.ts';
import type { Deps } from './deps.ts';
import { connectorOf } from './connector-of.ts';

/** The streams of a connection whose records become facts of one of the nouns, under the mappings in effect. */
export async function streamsGiving(
  deps: Pick<Deps, 'mappings' | 'registry'>,
  tx: TenantTx,
  connection: { readonly id: string; readonly connector: string },
  nouns: readonly NounName[],
): Promise<readonly string[]> {
  const streams: string[] = [];
  for (const { name } of connectorOf(deps.registry, connection.connector).streams) {
    const plans = await activePlans(tx, deps.mappings, {
      connector: connection.connector,
      connection: connection.id,
      object: name,
    });
    if (plans.some((plan) => nouns.includes(plan.target.noun))) streams.push(name);
  }
  return streams;
}
