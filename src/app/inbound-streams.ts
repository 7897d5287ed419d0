import { NOUNS, type NounName } from '../canonical/nouns.ts';
import type { TenantTx } from '../db/store.ts';
import { allInboundPlans } from '../mapping/active-plans.ts';
import type { Deps } from './deps.ts';
import { connectorOf } from './connector-of.ts';

/** A connection whose streams are asked about. */
interface Site {
  readonly id: string;
  readonly connector: string;
}

/** The streams of a connection whose records become facts of one of the nouns, under the mappings in effect. */
export async function streamsGiving(
  deps: Pick<Deps, 'mappings' | 'registry'>,
  tx: TenantTx,
  connection: Site,
  nouns: readonly NounName[],
): Promise<readonly string[]> {
  const plans = await plansGiving(deps, tx, connection, nouns);
  const giving = new Set(plans.map((plan) => plan.source.stream));
  return connectorOf(deps.registry, connection.connector)
    .streams.map(({ name }) => name)
    .filter((name) => giving.has(name));
}

/** True if a change in one of the streams can change facts of other nouns than these, also those of records that include it. */
export async function givesOthers(
  deps: Pick<Deps, 'mappings'>,
  tx: TenantTx,
  connection: Site,
  { streams, but }: { readonly streams: readonly string[]; readonly but: readonly NounName[] },
): Promise<boolean> {
  const others = Object.keys(NOUNS).filter((noun) => !but.some((each) => each === noun));
  const plans = await plansGiving(deps, tx, connection, others);
  return plans.some(({ source, includes }) =>
    [source, ...includes].some(({ stream }) => streams.includes(stream)),
  );
}

async function plansGiving(
  { mappings }: Pick<Deps, 'mappings'>,
  tx: TenantTx,
  { id, connector }: Site,
  nouns: readonly string[],
) {
  const plans = await allInboundPlans(tx, mappings, { connector, connection: id });
  return plans.filter((plan) => nouns.includes(plan.target.noun));
}
