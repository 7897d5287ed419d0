import { serveAnswers } from './lean-server.ts';
import { customerRow, CUSTOMERS, PAGE_ROWS } from './netsuite-rows.ts';

/** A lean stand-in for SuiteQL: pages by offset for the bare loop, by key for ours. Runs as a worker thread. */

const PAGES = Array.from({ length: CUSTOMERS / PAGE_ROWS }, (_, page) => {
  const items = Array.from({ length: PAGE_ROWS }, (_row, row) => customerRow(page * PAGE_ROWS + row));
  const hasMore = (page + 1) * PAGE_ROWS < CUSTOMERS;
  const totalResults = CUSTOMERS - page * PAGE_ROWS;
  return {
    byKey: Buffer.from(JSON.stringify({ links: [], count: items.length, hasMore, items, offset: 0, totalResults })),
    byOffset: Buffer.from(JSON.stringify({ links: [], count: items.length, hasMore, items, offset: page * PAGE_ROWS, totalResults: CUSTOMERS })),
  };
}); // prettier-ignore

serveAnswers((url, body) => {
  if (url.pathname.endsWith('/token')) return Buffer.from('{"access_token":"bench","expires_in":"3600"}');
  const last = /t\.id > (\d+)/.exec(body)?.[1];
  if (last !== undefined) return PAGES[Number(last) / PAGE_ROWS]?.byKey;
  const offset = Number(url.searchParams.get('offset') ?? '0');
  return body.includes('TO_CHAR') ? PAGES[0]?.byKey : PAGES[offset / PAGE_ROWS]?.byOffset;
}); // prettier-ignore
