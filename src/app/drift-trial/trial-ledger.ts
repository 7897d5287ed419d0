import { NOUNS, type NounName } from '../../canonical/nouns.ts';
import { hashJson } from '../../kernel/hash.ts';
import type { Fact, FactNoun, Lineage } from '../../ledger/fact.ts';

/** One statement for the ledger: a body that fits its noun. */
export interface Statement {
  readonly noun: NounName;
  readonly connection: string;
  readonly body: object;
  readonly lineage: Lineage | null;
}

/**
 * The facts of one trial, held in memory: nothing of it is ever in a store. As in the ledger, what is said again
 * unchanged keeps the instant at which it became known, and what is said anew replaces what was said before.
 */
export interface TrialLedger {
  /** Records statements that become known at an instant. Throws the schema's error for a body that fits no noun. */
  record(statements: readonly Statement[], knownAt: string): void;
  of<Name extends FactNoun>(noun: Name): readonly Fact<Name>[];
}

interface Held {
  readonly hash: string;
  readonly fact: Fact<FactNoun>;
}

export function createTrialLedger(): TrialLedger {
  const nouns = new Map<string, Map<string, Held>>();
  const recordOne = (statement: Statement, knownAt: string): void => {
    const { noun, connection, lineage } = statement;
    const body = NOUNS[noun].parse(statement.body) as Fact<FactNoun>['body'];
    const key = `${connection}/${body.externalRef}`;
    const held = nouns.get(noun) ?? new Map<string, Held>();
    nouns.set(noun, held);
    const hash = hashJson(body);
    if (held.get(key)?.hash === hash) return;
    const fact = {
      factId: `fct_${connection}_${noun}_${body.externalRef}_${hash.slice(0, 8)}`,
      noun: noun as FactNoun,
      connection,
      externalRef: body.externalRef,
      body,
      lineage,
      recordedFrom: knownAt,
    };
    held.set(key, { hash, fact });
  };
  return {
    record: (statements, knownAt) => {
      for (const each of statements) recordOne(each, knownAt);
    },
    of: <Name extends FactNoun>(noun: Name) =>
      [...(nouns.get(noun)?.values() ?? [])].map(({ fact }) => fact as unknown as Fact<Name>),
  };
}
