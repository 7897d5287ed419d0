import * as z from 'zod';
import { RemoteUnavailable } from '../../src/sdk/kernel.ts';
import type { SalesforceClient } from './client.ts';
import { soqlText, whereAll } from './soql.ts';
import { ASKED_FOR } from './streams.ts';

const IdRow = z.looseObject({ Id: z.string() });
export type IdRow = z.infer<typeof IdRow>;

/**
 * All rows of a query in the order of their ids, however many pages it takes. Pages are asked for by the
 * last id, so neither a short page nor a lost locator can lose a row.
 */
export async function rowsById(
  client: SalesforceClient,
  query: {
    readonly what: string;
    readonly object: string;
    /** Beside the Id. */
    readonly fields: readonly string[];
    readonly conditions: readonly (string | null)[];
    readonly withDeleted: boolean;
  },
): Promise<readonly IdRow[]> {
  const rows: IdRow[] = [];
  for (let isLast = false; !isLast;) {
    const last = rows.at(-1)?.Id;
    const where = whereAll([
      ...query.conditions,
      last === undefined ? null : `Id > ${soqlText(last)}`,
    ]);
    const soql = `SELECT ${['Id', ...query.fields].join(', ')} FROM ${query.object}${where} ORDER BY Id LIMIT ${ASKED_FOR}`;
    const { done, records } = await client.query(soql, query.what, query.withDeleted);
    const page = z.array(IdRow).safeParse(records);
    if (!page.success)
      throw new RemoteUnavailable(
        `A row of ${query.object} came without its Id while ${query.what}. Try again.`,
      );
    rows.push(...page.data);
    isLast = done && records.length < ASKED_FOR;
  }
  return rows;
}
