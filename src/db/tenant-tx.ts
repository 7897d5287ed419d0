import type { Kysely } from 'kysely';

/**
 * A value that goes to the database as a parameter. JSON is passed as text (`JSON.stringify`), because
 * the driver would spell a JavaScript array as a PostgreSQL array.
 */
export type SqlValue =
  | string
  | number
  | bigint
  | boolean
  | Date
  | Uint8Array
  | null
  | readonly (string | number | boolean | null)[];

/** One row for COPY: the text form of each column, `null` for NULL. */
export type CopyRow = readonly (string | null)[];

/** What every transaction offers, whoever runs it. It is dead once its function has returned. */
export interface Tx {
  /**
   * Kysely on this transaction's connection, typed to the caller's own tables (`tables.ts` of its room).
   * It cannot open a transaction of its own.
   */
  db<Tables>(): Kysely<Tables>;
  /** Runs one parameterised statement (`$1`, `$2`, …) and returns its rows. For hot, set-wise SQL. */
  sql<Row extends object>(text: string, params?: readonly SqlValue[]): Promise<readonly Row[]>;
  /** Runs one parameterised statement and returns how many rows it touched. */
  run(text: string, params?: readonly SqlValue[]): Promise<number>;
  /** The database clock (`app.clock()`), whole milliseconds. Leases and stamps use it. */
  clock(): Promise<Date>;
  /** Runs after a successful commit, in order of registration; a failure is logged and changes nothing. */
  afterCommit(fn: () => void | Promise<void>): void;
}

/** A transaction of one tenant: role `trueup_app`, row-level security on, `app.tenant` set. */
export interface TenantTx extends Tx {
  readonly tenantId: string;
  /**
   * Sends rows into a *temporary* table by COPY and returns their number. PostgreSQL refuses COPY into a
   * protected table, so stage the rows and MERGE (see {@link TenantTx.stage}).
   * Throws ValidationError for a NUL character or a lone surrogate, which PostgreSQL text cannot hold.
   */
  copy(
    table: string,
    columns: readonly string[],
    rows: Iterable<CopyRow> | AsyncIterable<CopyRow>,
  ): Promise<number>;
  /**
   * Makes a temporary table with the named columns of `like` (types only, no constraints), dropped at the
   * end of the transaction, and copies the rows into it.
   */
  stage(
    like: string,
    columns: readonly string[],
    rows: Iterable<CopyRow> | AsyncIterable<CopyRow>,
  ): Promise<Staged>;
}

/** A filled temporary table; `table` is a safe identifier to put into SQL text. */
export interface Staged {
  readonly table: string;
  readonly rows: number;
}
