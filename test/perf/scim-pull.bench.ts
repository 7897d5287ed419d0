import axios from 'axios';
import scim from '../../connectors/scim/index.ts';
import type { JsonObject } from '../../src/kernel/hash.ts';
import type { SourceRecord } from '../../src/sdk/record.ts';
import type { BenchRow } from './measure.ts';
import { pullContest } from './pull-contest.ts';
import { PAGE_ROWS, PEOPLE } from './scim-rows.ts';

interface Answer {
  readonly Resources: readonly (JsonObject & { readonly id: string; readonly meta: { readonly lastModified: string } })[];
} // prettier-ignore

/** One axios get after the other, by index; a row is kept as it came. */
async function* barePages(url: string): AsyncGenerator<readonly SourceRecord[]> {
  const http = axios.create({ baseURL: url, headers: { authorization: 'Bearer bench' } });
  for (let startIndex = 1; startIndex <= PEOPLE; startIndex += PAGE_ROWS) {
    const { data } = await http.get<Answer>('/scim/v2/Users', { params: { startIndex, count: PAGE_ROWS } }); // prettier-ignore
    yield data.Resources.map((row) => ({ id: row.id, stamp: row.meta.lastModified, deleted: false, data: row })); // prettier-ignore
  }
}

/** Records a second from a SCIM directory into the store, none of them seen before. */
export function bench(): Promise<BenchRow> {
  return pullContest({
    name: 'scim-pull',
    connector: scim,
    config: (url) => ({ baseUrl: `${url}/scim/v2` }),
    secrets: { token: 'bench' },
    stream: 'Users',
    window: { mode: 'full', from: null, to: null },
    server: new URL('scim-pages.ts', import.meta.url),
    total: PEOPLE,
    bare: barePages,
  });
}
