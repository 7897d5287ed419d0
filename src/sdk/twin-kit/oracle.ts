import { hashJson, type Json } from '../../kernel/hash.ts';

/** One mutation that the twin really applied: the witness that tests ask, never the product. */
export interface OracleEntry {
  readonly seq: number;
  /** The twin's clock. */
  readonly t: string;
  readonly object: string;
  readonly externalId: string | null;
  readonly intentId: string | null;
  readonly operation: 'create' | 'update' | 'delete';
  readonly bodyHash: string;
}

export interface Oracle {
  record(entry: {
    readonly object: string;
    readonly externalId: string | null;
    readonly intentId: string | null;
    readonly operation: OracleEntry['operation'];
    readonly body: Json;
  }): void;
  /** Entries with a sequence number above `after`. */
  entries(after: number): readonly OracleEntry[];
  clear(): void;
}

/** The append-only log of applied mutations of one twin. */
export function createOracle(now: () => Date): Oracle {
  let log: OracleEntry[] = [];
  return {
    record: ({ body, ...rest }) => {
      log.push({ seq: log.length + 1, t: now().toISOString(), ...rest, bodyHash: hashJson(body) });
    },
    entries: (after) => log.slice(after),
    clear: () => {
      log = [];
    },
  };
}
