import type * as z from 'zod';
import { NOUNS } from '../../src/canonical/nouns.ts';
import type { Fact, FactNoun } from '../../src/ledger/fact.ts';

type Input<Name extends FactNoun> = z.input<(typeof NOUNS)[Name]>;

/** A fact for a test: the body is parsed, so defaults are filled and a wrong field fails the test at once. */
export function factOf<Name extends FactNoun>(
  noun: Name,
  connection: string,
  body: Input<Name>,
): Fact<Name> {
  const parsed = NOUNS[noun].parse(body) as Fact<Name>['body'];
  const { externalRef } = parsed;
  return {
    factId: `fct_${connection}_${noun}_${externalRef}`,
    noun,
    connection,
    externalRef,
    body: parsed,
    lineage: {
      stream: noun,
      recordId: externalRef,
      recordHash: 'a'.repeat(64),
      mappingId: `${connection}.${noun}`,
      mappingVersion: 1,
    },
    recordedFrom: '2026-03-02T00:00:00.000Z',
  };
}
