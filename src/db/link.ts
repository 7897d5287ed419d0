import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { InternalError } from '../kernel/errors.ts';
import { translate } from './pg-errors.ts';

/** One lent connection, in the middle of one transaction. */
export interface Link {
  /** Statements run one after the other, in the order of the calls, also when the caller does not wait. */
  query<Row extends object>(
    text: string,
    params?: readonly unknown[],
  ): Promise<pg.QueryResult<Row & pg.QueryResultRow>>;
  /** Sends chunks of COPY text; resolves to the number of rows. */
  copyIn(statement: string, chunks: AsyncIterable<Buffer>): Promise<number>;
  afterCommit(fn: () => void | Promise<void>): void;
}

/** The link together with what only the transaction's owner may do with it. */
export interface OwnedLink {
  readonly link: Link;
  /** Refuses all further use and waits for what still runs. */
  seal(): Promise<void>;
  readonly hooks: readonly (() => void | Promise<void>)[];
}

/** Wraps a client for the length of one transaction. */
export function openLink(client: pg.PoolClient): OwnedLink {
  const hooks: (() => void | Promise<void>)[] = [];
  let sealed = false;
  let tail: Promise<unknown> = Promise.resolve();

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    if (sealed) {
      throw new InternalError(
        'A transaction was used after it had ended. Await every statement inside its function.',
      );
    }
    const mine = tail.then(work, work);
    tail = mine.catch(() => undefined);
    return mine.catch((error: unknown) => {
      throw translate(error);
    });
  };

  const link: Link = {
    query: async <Row extends object>(text: string, params: readonly unknown[] = []) =>
      inTurn(() => client.query<Row & pg.QueryResultRow>(text, [...params])),
    copyIn: async (statement, chunks) =>
      inTurn(async () => {
        const sink = client.query(copyFrom(statement));
        await pipeline(Readable.from(chunks, { highWaterMark: 2 }), sink);
        return sink.rowCount;
      }),
    afterCommit: (fn) => {
      hooks.push(fn);
    },
  };
  const seal = async () => {
    sealed = true;
    await tail;
  };
  return { link, seal, hooks };
}
