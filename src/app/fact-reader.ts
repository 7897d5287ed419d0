import type { TenantTx } from '../db/store.ts';
import type { Fact, FactNoun } from '../ledger/fact.ts';
import { factsOf } from '../ledger/facts.ts';

/** Gives every current fact of a noun, or what it would be. */
export type FactReader = <Name extends FactNoun>(noun: Name) => Promise<readonly Fact<Name>[]>;

/** The facts as the ledger holds them. */
export function readFacts(tx: TenantTx): FactReader {
  return (noun) => factsOf(tx, noun);
}

/** What facts of one connection would be instead, by noun and reference; null: none. */
export type FactChanges = ReadonlyMap<string, ReadonlyMap<string, FactNounBody | null>>;

/** A body that fits its noun's schema. */
export type FactNounBody = Fact<FactNoun>['body'];

/** The facts as they would be if those of one connection changed so. Nothing is written. */
export function readWithChanges(
  base: FactReader,
  connection: string,
  changes: FactChanges,
): FactReader {
  return async <Name extends FactNoun>(noun: Name) => {
    const facts = await base(noun);
    const changed = changes.get(noun);
    if (changed === undefined) return facts;
    const kept = facts.filter(
      (fact) => fact.connection !== connection || !changed.has(fact.externalRef),
    );
    const before = new Map(
      facts
        .filter((fact) => fact.connection === connection)
        .map((fact) => [fact.externalRef, fact]),
    );
    const others = [...changed].flatMap(([externalRef, body]) =>
      body === null ? [] : [withBody(noun, connection, externalRef, body, before.get(externalRef))],
    );
    return [...kept, ...others].toSorted((a, b) =>
      keyOf(a) < keyOf(b) ? -1 : Number(keyOf(a) > keyOf(b)),
    );
  };
}

function withBody<Name extends FactNoun>(
  noun: Name,
  connection: string,
  externalRef: string,
  body: FactNounBody,
  before: Fact<Name> | undefined,
): Fact<Name> {
  return {
    factId: before?.factId ?? '',
    noun,
    connection,
    externalRef,
    // The plan that gave it has checked it against this noun's schema.
    body: body as Fact<Name>['body'],
    lineage: before?.lineage ?? null,
    recordedFrom: before?.recordedFrom ?? '',
  };
}

function keyOf({
  connection,
  externalRef,
}: Pick<Fact<FactNoun>, 'connection' | 'externalRef'>): string {
  return `${connection}/${externalRef}`;
}
