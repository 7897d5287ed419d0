import { Connection } from 'jsforce/lib/connection.js';
import salesforce from '../../connectors/salesforce/index.ts';
import type { JsonObject } from '../../src/kernel/hash.ts';
import type { SourceRecord } from '../../src/sdk/record.ts';
import { TOTAL_ROWS } from './account-rows.ts';
import { STREAM } from './bench-store.ts';
import type { BenchRow } from './measure.ts';
import { pullContest } from './pull-contest.ts';

const FIELDS =
  'Id, IsDeleted, CreatedDate, LastModifiedDate, SystemModstamp, Name, ParentId, Type, BillingCountryCode, CurrencyIsoCode, AccountNumber, Trueup_Id__c, NumberOfEmployees';

type Row = JsonObject & {
  readonly Id: string;
  readonly SystemModstamp: string;
  readonly IsDeleted: boolean;
};

/** What a bare program would keep of a row: all of it but the vendor's `attributes`, unchecked. */
function bareRecord(row: Row): SourceRecord {
  const { attributes: _, ...data } = row;
  return { id: row.Id, stamp: row.SystemModstamp, deleted: row.IsDeleted, data };
}

async function* barePages(url: string): AsyncGenerator<readonly SourceRecord[]> {
  const connection = new Connection({ instanceUrl: url, accessToken: 'bench', version: '67.0' });
  let result = await connection.query(`SELECT ${FIELDS} FROM ${STREAM}`);
  for (;;) {
    yield result.records.map((row) => bareRecord(row as unknown as Row));
    if (result.done || result.nextRecordsUrl === undefined) return;
    result = await connection.queryMore(result.nextRecordsUrl);
  }
}

/** Records a second from Salesforce's REST API into the store, none of them seen before. */
export function bench(): Promise<BenchRow> {
  return pullContest({
    name: 'pull-and-land',
    connector: salesforce,
    config: (url) => ({
      loginUrl: url,
      instanceUrl: url,
      clientId: 'bench',
      grant: 'client_credentials',
    }),
    secrets: { clientSecret: 'bench' },
    stream: STREAM,
    window: { mode: 'full', from: null, to: null },
    server: new URL('salesforce-pages.ts', import.meta.url),
    total: TOTAL_ROWS,
    bare: barePages,
  });
}
