import type { OutboundLogin } from '../canonical/outbound/outbound-login.ts';
import type { OutboundSeat } from '../canonical/outbound/outbound-seat.ts';
import type { TenantTx } from '../db/store.ts';
import type { Effect, MappingRef } from '../delivery/effect.ts';
import type { Connection } from '../intake/connections.ts';
import type { JsonObject } from '../kernel/hash.ts';
import { allOutboundPlans } from '../mapping/active-plans.ts';
import type { OutboundPlan } from '../mapping/compile-outbound.ts';
import { loadLookups } from '../mapping/load-lookups.ts';
import { partSeatFields, seatKeyText } from '../sdk/seat-key.ts';
import type { Deps } from './deps.ts';

/** A seat or login as it shall be, for one connection. */
export type SeatDocument = { readonly canonicalId: string } & (
  | { readonly name: 'outboundSeat'; readonly document: OutboundSeat }
  | { readonly name: 'outboundLogin'; readonly document: OutboundLogin }
);

/** What a connection's mappings make of seats and logins. */
export interface SeatWriting {
  /** True where logins can be switched off. */
  readonly hasLogins: boolean;
  /** True where a seat can be switched off and stay with its holder. */
  readonly canHold: boolean;
  /** The effect, or why there is none. */
  effectOf(document: SeatDocument): Effect | { readonly reason: string };
}

/**
 * Reads what writes seats on a connection. Several mappings may, for different products: one for the connection by name is
 * asked before one for its connector, and the first that takes the document wins.
 */
export async function seatWriting(
  deps: Pick<Deps, 'mappings' | 'clock'>,
  tx: TenantTx,
  { id, connector }: Pick<Connection, 'id' | 'connector'>,
): Promise<SeatWriting> {
  const all = await allOutboundPlans(tx, deps.mappings, { connector, connection: id });
  const isOwn = (plan: OutboundPlan): number => (plan.target.connection === id ? 0 : 1);
  const plans = all
    .filter(({ source }) => ['outboundSeat', 'outboundLogin'].includes(source.document))
    .toSorted((left, right) => isOwn(left) - isOwn(right));
  const lookups = await loadLookups(tx, plans.flatMap((plan) => plan.lookups)); // prettier-ignore
  const run = { lookups, startedAt: deps.clock.now().toISOString() };
  return {
    hasLogins: plans.some(({ source }) => source.document === 'outboundLogin'),
    canHold: plans.some(
      ({ source, writes }) =>
        source.document === 'outboundSeat' && writes.some(({ field }) => field === 'enabled'),
    ),
    effectOf: ({ name, canonicalId, document }) => {
      for (const plan of plans.filter(({ source }) => source.document === name)) {
        const result = plan.mapDocument(document as unknown as JsonObject, run);
        if (result.kind === 'failed') return { reason: `${plan.id}: ${result.message}` };
        if (result.kind === 'mapped')
          return effectBy(plan, { connection: id, canonicalId }, result.fields);
      }
      return { reason: `No mapping writes it to ${id}. Publish one for ${connector}.` };
    },
  };
}

function effectBy(
  plan: OutboundPlan,
  place: Pick<Effect, 'connection' | 'canonicalId'>,
  given: JsonObject,
): Effect | { readonly reason: string } {
  const { key, fields } = partSeatFields(given);
  if (key === null)
    return {
      reason: `${plan.id} does not say which seat it is: let it give id.user and the like.`,
    };
  const mapping: MappingRef = { id: plan.id, version: plan.version };
  return { ...place, object: plan.target.object, vendorId: seatKeyText(key), fields, mapping };
}
