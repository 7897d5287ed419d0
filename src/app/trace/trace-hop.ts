import { RENEWAL_RULE } from '../../commerce/renewals-due.ts';
import { RIGHTS_RULE } from '../../commerce/rights-from-orders.ts';
import { isPurchaseRef, PURCHASE_RULE } from '../../commerce/rights-from-purchases.ts';
import type { Fact, FactNoun } from '../../ledger/fact.ts';

/** One hop of a record's way through the systems, in the order in which it happened. */
export interface TraceHop {
  readonly kind:
    | 'finding'
    | 'run'
    | 'certificate'
    | 'record'
    | 'change'
    | 'fact'
    | 'deal'
    | 'plan'
    | 'intent'
    | 'edit'
    | 'entitlement'
    | 'rights'
    | 'renewal'
    | 'position';
  /** The connection whose system it is in, or `trueup`. */
  readonly system: string;
  readonly object: string;
  readonly id: string;
  /** When it was recorded here, ISO 8601. */
  readonly at: string;
  readonly summary: string;
  /** The mapping version that made it, for facts and for what was written to another system. */
  readonly mapping: { readonly id: string; readonly version: number } | null;
  /** Rule versions, for what Trueup itself decided. */
  readonly rules: Readonly<Record<string, number>> | null;
  /** Which intent it is, for a hop of one: its `id` is that of the record over there. */
  readonly intentId?: string;
}

/** Facts that have a name of their own on the way. */
const KIND_OF: Readonly<Partial<Record<FactNoun, TraceHop['kind']>>> = {
  entitlement: 'entitlement',
  entitlementTransaction: 'rights',
  renewalTerm: 'renewal',
};

/** The rule behind facts that Trueup decided. */
const RULE_OF: Readonly<Partial<Record<FactNoun, Readonly<Record<string, number>>>>> = {
  entitlement: RIGHTS_RULE,
  entitlementTransaction: RIGHTS_RULE,
  renewalTerm: RENEWAL_RULE,
};

function ruleOf(fact: Fact<FactNoun>): Readonly<Record<string, number>> | null {
  const { entitlementRef } = fact.body as { readonly entitlementRef?: string };
  const isBought = isPurchaseRef(entitlementRef ?? fact.externalRef);
  return isBought ? PURCHASE_RULE : (RULE_OF[fact.noun] ?? null);
}

/** A hop for a fact: what was read, from which record, under which mapping version. */
export function factHop(fact: Fact<FactNoun>, summary: string): TraceHop {
  const { lineage } = fact;
  return {
    kind: KIND_OF[fact.noun] ?? 'fact',
    system: fact.connection,
    object: fact.noun,
    id: fact.externalRef,
    at: fact.recordedFrom,
    summary,
    mapping: lineage === null ? null : { id: lineage.mappingId, version: lineage.mappingVersion },
    rules: lineage === null ? ruleOf(fact) : null,
  };
}

/** A hop for the landed record behind a fact; undefined for what Trueup decided itself. */
export function recordHop(fact: Fact<FactNoun>): TraceHop | undefined {
  const { lineage } = fact;
  if (lineage === null) return undefined;
  return {
    kind: 'record',
    system: fact.connection,
    object: lineage.stream,
    id: lineage.recordId,
    at: fact.recordedFrom,
    summary: `content ${lineage.recordHash.slice(0, 12)}`,
    mapping: null,
    rules: null,
  };
}

/** Record and fact hops of several facts; a record that gave several facts comes once. */
export function hopsOf(
  facts: readonly Fact<FactNoun>[],
  summarise: (fact: Fact<FactNoun>) => string,
): readonly TraceHop[] {
  const records = new Map(
    facts.flatMap((fact) => {
      const hop = recordHop(fact);
      return hop === undefined ? [] : [[`${hop.system}/${hop.object}/${hop.id}`, hop] as const];
    }),
  );
  return [...records.values(), ...facts.map((fact) => factHop(fact, summarise(fact)))];
}
