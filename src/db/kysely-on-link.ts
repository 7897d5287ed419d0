import {
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type QueryResult,
} from 'kysely';
import { InternalError } from '../kernel/errors.ts';
import type { Link } from './link.ts';

const WRITES: ReadonlySet<string> = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);

function refuse(): Promise<never> {
  return Promise.reject(
    new InternalError(
      'A store transaction cannot open another one. Use the tx that you were given.',
    ),
  );
}

function connectionOn(link: Link): DatabaseConnection {
  return {
    executeQuery: async <R>(query: CompiledQuery): Promise<QueryResult<R>> => {
      const result = await link.query<R & object>(query.sql, query.parameters);
      if (!WRITES.has(result.command)) return { rows: result.rows };
      return { rows: result.rows, numAffectedRows: BigInt(result.rowCount ?? 0) };
    },
    streamQuery: () => {
      throw new InternalError(
        'Streaming is not offered inside a store transaction. Page by a keyset.',
      );
    },
  };
}

function driverOn(link: Link): Driver {
  const connection = connectionOn(link);
  return {
    init: async () => undefined,
    acquireConnection: async () => connection,
    beginTransaction: refuse,
    commitTransaction: refuse,
    rollbackTransaction: refuse,
    releaseConnection: async () => undefined,
    destroy: async () => undefined,
  };
}

/** Kysely whose every statement runs on the transaction's own connection. */
export function kyselyOn<Tables>(link: Link): Kysely<Tables> {
  return new Kysely<Tables>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => driverOn(link),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
}
