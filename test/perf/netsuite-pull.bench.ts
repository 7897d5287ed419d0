import axios from 'axios';
import netsuite from '../../connectors/netsuite/index.ts';
import type { JsonObject } from '../../src/kernel/hash.ts';
import type { SourceRecord } from '../../src/sdk/record.ts';
import type { BenchRow } from './measure.ts';
import { CUSTOMERS, PAGE_ROWS } from './netsuite-rows.ts';
import { pullContest } from './pull-contest.ts';

interface Answer {
  readonly hasMore: boolean;
  readonly items: readonly (JsonObject & { readonly id: string; readonly lastmodifieddate: string })[];
} // prettier-ignore

/** One axios post after the other, by offset; a row is kept as it came. */
async function* barePages(url: string): AsyncGenerator<readonly SourceRecord[]> {
  const http = axios.create({ baseURL: url });
  for (let offset = 0; ; offset += PAGE_ROWS) {
    const { data } = await http.post<Answer>(
      `/services/rest/query/v1/suiteql?limit=${PAGE_ROWS}&offset=${offset}`,
      { q: 'SELECT * FROM customer ORDER BY id' },
      { headers: { prefer: 'transient', authorization: 'Bearer bench' } },
    );
    yield data.items.map((row) => ({ id: row.id, stamp: row.lastmodifieddate, deleted: false, data: row })); // prettier-ignore
    if (!data.hasMore) return;
  }
}

const SECRETS = { consumerKey: 'k', consumerSecret: 's', tokenId: 't', tokenSecret: 'u' };

/** Records a second from NetSuite's SuiteQL into the store, none of them seen before. */
export function bench(): Promise<BenchRow> {
  return pullContest({
    name: 'netsuite-pull',
    connector: netsuite,
    config: (url) => ({ baseUrl: url, accountId: 'BENCH', auth: 'tba' }),
    secrets: SECRETS,
    stream: 'customer',
    window: { mode: 'full', from: null, to: '2027-01-01 00:00:00' },
    server: new URL('netsuite-pages.ts', import.meta.url),
    total: CUSTOMERS,
    bare: barePages,
  });
}
