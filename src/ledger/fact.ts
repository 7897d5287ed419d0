import type { Noun, NounName } from '../canonical/nouns.ts';

/** Nouns that the ledger keeps as facts: those that a source, or Trueup, gives a reference of their own. */
export type FactNoun = {
  [Name in NounName]: Noun<Name> extends { readonly externalRef: string } ? Name : never;
}[NounName];

/** Where a fact comes from: the landed record, by its content, and the mapping version that read it. */
export interface Lineage {
  readonly stream: string;
  readonly recordId: string;
  readonly recordHash: string;
  readonly mappingId: string;
  readonly mappingVersion: number;
}

/** One statement about the world as the ledger holds it: a canonical body, its source and when we knew it. */
export interface Fact<Name extends FactNoun> {
  readonly factId: string;
  readonly noun: Name;
  /** The connection that says so, or `trueup` for what this program decided itself. */
  readonly connection: string;
  readonly externalRef: string;
  readonly body: Noun<Name>;
  /** Null for facts that Trueup itself decided. */
  readonly lineage: Lineage | null;
  /** System time: when this became known, ISO 8601. */
  readonly recordedFrom: string;
}

/** A fact that was not recorded, and why; the record waits for a person. */
export interface RefusedFact {
  readonly recordId: string;
  readonly noun: string;
  readonly externalRef: string;
  readonly code: string;
  readonly reason: string;
}
