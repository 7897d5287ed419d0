import { randomBytes } from 'node:crypto';
import { InternalError } from '../kernel/errors.ts';
import { copyText } from './copy-text.ts';
import { identifier } from './identifier.ts';
import { kyselyOn } from './kysely-on-link.ts';
import type { Link } from './link.ts';
import type { CopyRow, SqlValue, Staged, TenantTx, Tx } from './tenant-tx.ts';

/** The transaction as its function sees it, without a tenant. */
export function plainTx(link: Link): Tx {
  return {
    db: () => kyselyOn(link),
    sql: async <Row extends object>(text: string, params?: readonly SqlValue[]) =>
      (await link.query<Row>(text, params)).rows,
    run: async (text, params) => (await link.query(text, params)).rowCount ?? 0,
    clock: () => clock(link),
    afterCommit: (fn) => link.afterCommit(fn),
  };
}

/** The transaction as a tenant's function sees it. */
export function tenantTx(link: Link, tenantId: string): TenantTx {
  const copy = (
    table: string,
    columns: readonly string[],
    rows: Iterable<CopyRow> | AsyncIterable<CopyRow>,
  ) => {
    const list = columns.map(identifier).join(', ');
    return link.copyIn(
      `copy pg_temp.${identifier(table)} (${list}) from stdin`,
      copyText(columns, rows),
    );
  };
  return {
    ...plainTx(link),
    tenantId,
    copy,
    stage: async (like, columns, rows) => {
      const table = await createStage(link, like, columns);
      return {
        table: `pg_temp.${identifier(table)}`,
        rows: await copy(table, columns, rows),
      } satisfies Staged;
    },
  };
}

async function clock(link: Link): Promise<Date> {
  const { rows } = await link.query<{ now: Date }>('select app.clock() as now');
  const now = rows[0]?.now;
  if (now === undefined) throw new InternalError('app.clock() gave no row.');
  return now;
}

async function createStage(link: Link, like: string, columns: readonly string[]): Promise<string> {
  const table = `stage_${randomBytes(6).toString('hex')}`;
  const list = columns.map(identifier).join(', ');
  const source = `public.${identifier(like)}`;
  // `where false` plans to an empty result, so that no policy is asked and no row is read.
  await link.query(
    `create temporary table ${identifier(table)} on commit drop as select ${list} from ${source} where false`,
  );
  return table;
}
