import type { NetSuiteClient } from './client.ts';
import { garbled } from './errors.ts';
import { land, type Landed } from './land.ts';
import { chunks, where } from './read-window.ts';
import type { Column, StreamPlan } from './stream-plan.ts';
import {
  MAX_ROWS,
  querySuiteql,
  unknownIdentifier,
  type SuiteqlPage,
  type SuiteqlRow,
} from './suiteql.ts';

/** Runs a query, leaving out package columns that the account turns out not to have. */
export function createSelect(client: NetSuiteClient) {
  const absent = new Set<string>();
  const select = async (
    columns: readonly Column[],
    rest: string,
    what: string,
    limit = MAX_ROWS,
  ): Promise<SuiteqlPage> => {
    const present = columns.filter((column) => column.custom !== true || !absent.has(column.name));
    const list = present
      .map(({ sql, name }) => (sql.endsWith(`.${name}`) ? sql : `${sql} AS ${name}`))
      .join(', ');
    try {
      return await querySuiteql(client, `SELECT ${list} ${rest}`, what, limit);
    } catch (error) {
      const name = unknownIdentifier(error);
      if (
        !present.some((column) => column.custom === true && column.name === name) ||
        name === null
      )
        throw error;
      absent.add(name);
      return await select(columns, rest, what, limit);
    }
  };
  return select;
}

export type SelectRows = ReturnType<typeof createSelect>;

/** The lines of the given transactions, going on from the last (transaction, line) when an answer is full. */
async function readLines(
  select: SelectRows,
  plan: StreamPlan,
  ids: readonly string[],
): Promise<ReadonlyMap<string, readonly SuiteqlRow[]>> {
  const all: SuiteqlRow[] = [];
  const columns: readonly Column[] = [
    { sql: 'tl.transaction', name: 'transaction' },
    ...(plan.lines ?? []),
  ];
  const base = `tl.mainline = 'F' AND tl.taxline = 'F'`;
  for (const chunk of chunks(ids, MAX_ROWS)) {
    let after: string | null = null;
    for (;;) {
      const condition = where([base, `tl.transaction IN (${chunk.join(', ')})`, after]);
      const page: SuiteqlPage = await select(
        columns,
        `FROM transactionline tl LEFT JOIN item i ON i.id = tl.item ${condition} ORDER BY tl.transaction, tl.id`,
        `read the lines of ${plan.definition.name}`,
      );
      all.push(...page.rows);
      const last = page.rows.at(-1);
      if (!page.hasMore || last === undefined) break;
      const { transaction, line } = last;
      if (transaction === undefined || line === undefined)
        throw garbled(`read the lines of ${plan.definition.name}`, 'a line has no number');
      after = `((tl.transaction = ${transaction} AND tl.id > ${line}) OR tl.transaction > ${transaction})`;
    }
  }
  return Map.groupBy(all, (line) => line['transaction'] ?? '');
}

/** The rows with their lines, each as the record or the unreadable record that it is. */
export async function landRows(
  select: SelectRows,
  plan: StreamPlan,
  rows: readonly SuiteqlRow[],
): Promise<readonly Landed[]> {
  const ids = plan.lines === null ? [] : rows.flatMap((row) => row['id'] ?? []);
  const lines = await readLines(select, plan, ids);
  return rows.map((row) => land(plan, row, lines.get(row['id'] ?? '') ?? []));
}
