import { accountRow, PAGE_ROWS, pagesOf, TOTAL_ROWS } from './account-rows.ts';
import { serveAnswers } from './lean-server.ts';

/**
 * A lean stand-in for Salesforce that serves ready-made pages, so that the time of a read is the reader's own. It
 * answers a login, the query that both readers begin with, `queryMore`, and our queries by (SystemModstamp, Id). It
 * runs as a worker thread and posts its port.
 */

const PAGES = pagesOf(TOTAL_ROWS, accountRow);
const LAST_IDS = new Map(PAGES.map((page, at) => [page.at(-1)?.Id ?? '', at]));
const NEXT_PAGE = /\/query\/01gBench-(\d+)$/;

/** One answer of 2,000 rows; `total` is what the query matched, `next` the address of what is left of it. */
function answerOf(page: number, total: number, next: number | null): Buffer {
  const records = PAGES[page] ?? [];
  const more =
    next === null ? {} : { nextRecordsUrl: `/services/data/v67.0/query/01gBench-${next}` };
  return Buffer.from(JSON.stringify({ totalSize: total, done: next === null, ...more, records }));
}

const isLast = (page: number): boolean => page + 1 >= PAGES.length;
const BY_CURSOR = PAGES.map((_, page) =>
  answerOf(page, TOTAL_ROWS, isLast(page) ? null : page + 1),
);
/** A query by key asks for a row more than a page holds, to learn whether more follows. */
const BY_KEY = PAGES.map((_, page) =>
  answerOf(page, isLast(page) ? PAGE_ROWS : PAGE_ROWS + 1, isLast(page) ? null : page + 1),
);

/** The page that the query asks for: with a limit by key, else the first of a cursor. */
function answerQuery(soql: string): Buffer | undefined {
  if (!soql.includes(' LIMIT ')) return BY_CURSOR[0];
  const after = /Id > '([^']*)'/.exec(soql)?.[1];
  return BY_KEY[after === undefined ? 0 : (LAST_IDS.get(after) ?? -2) + 1];
}

function answer(url: URL): Buffer | undefined {
  const locator = NEXT_PAGE.exec(url.pathname)?.[1];
  if (locator !== undefined) return BY_CURSOR[Number(locator)];
  if (url.pathname === '/services/oauth2/token') {
    return Buffer.from(
      JSON.stringify({ access_token: 'bench', instance_url: url.origin, id: url.origin }),
    );
  }
  return answerQuery(url.searchParams.get('q') ?? '');
}

serveAnswers((url) => answer(url));
