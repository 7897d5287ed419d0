import type { TwinReply, TwinRequest } from '../../../src/sdk/twin-kit/exchange.ts';
import { member, parseLossless } from '../lossless-json.ts';
import { Refused, RESOURCE } from './problem.ts';
import { QueryError } from './suiteql-parse.ts';
import { runSuiteql, type QueryContext } from './suiteql-run.ts';

export const SUITEQL_PATH = '/services/rest/query/v1/suiteql';

/** Rows of one page, and rows that one query reaches by offsets at all. */
const MAX_LIMIT = 1000;
export const MAX_ROWS = 100_000;

function parameter(query: URLSearchParams, name: string, fallback: number): number {
  const text = query.get(name) ?? String(fallback);
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Refused(400, {
    code: 'INVALID_PARAMETER',
    detail: `Invalid value "${text}".`,
    query: name,
  });
}

function paging(
  query: URLSearchParams,
  maxRows: number,
): { readonly limit: number; readonly offset: number } {
  const limit = parameter(query, 'limit', MAX_LIMIT);
  const offset = parameter(query, 'offset', 0);
  const refuse = (name: string, detail: string): Refused =>
    new Refused(400, { code: 'INVALID_PARAMETER', detail, query: name });
  if (limit < 1 || limit > MAX_LIMIT)
    throw refuse('limit', `Invalid value for limit: it must lie between 1 and ${MAX_LIMIT}.`);
  if (offset % limit !== 0)
    throw refuse('offset', 'Invalid value for offset: it must be a multiple of the limit.');
  if (offset + limit > maxRows)
    throw refuse('offset', `Invalid value for offset: a query gives ${maxRows} rows at most.`);
  return { limit, offset };
}

function textOfQuery(request: TwinRequest): string {
  let body: unknown = null;
  try {
    body = parseLossless(request.rawBody.toString('utf8'));
  } catch {
    // Answered below, as the vendor does: what cannot be read holds no query.
  }
  const q = member(body, 'q');
  if (typeof q === 'string' && q.trim() !== '') return q;
  throw new Refused(400, {
    code: 'INVALID_PARAMETER',
    detail: 'Required parameter q is missing.',
    query: 'q',
  });
}

function links(
  self: string,
  limit: number,
  offset: number,
  total: number,
): readonly { readonly rel: string; readonly href: string }[] {
  const to = (at: number): string => `${self}?limit=${limit}&offset=${at}`;
  const last = Math.max(0, Math.floor((total - 1) / limit) * limit);
  const around = [
    ...(offset > 0 ? [{ rel: 'previous', href: to(offset - limit) }, { rel: 'first', href: to(0) }] : []),
    ...(offset + limit < total ? [{ rel: 'next', href: to(offset + limit) }, { rel: 'last', href: to(last) }] : []),
  ]; // prettier-ignore
  return [
    ...around,
    { rel: 'self', href: offset === 0 && around.length === 0 ? self : to(offset) },
  ];
}

let operations = 0;

/** Answers `POST …/suiteql`, in the recorded reply shape. Throws `Refused`. */
export function suiteqlReply(request: TwinRequest, url: string, context: QueryContext): TwinReply {
  if (request.method !== 'POST')
    throw new Refused(405, {
      code: 'METHOD_NOT_ALLOWED',
      detail: `${request.method} is not allowed on this resource.`,
    });
  const preferences = (request.headers['prefer'] ?? '')
    .toLowerCase()
    .split(',')
    .map((one) => one.trim());
  if (!preferences.includes('transient')) {
    throw new Refused(400, { code: 'INVALID_HEADER', detail: 'Invalid value of the Prefer header. SuiteQL needs "Prefer: transient".', header: 'Prefer' }); // prettier-ignore
  }
  const { limit, offset } = paging(request.query, context.maxRows);
  const sql = textOfQuery(request);
  try {
    const { total, rows } = runSuiteql(sql, context, { offset, limit });
    const page = rows.map(({ cells }) => ({ links: [], ...cells }));
    if (offset + page.length < total) context.afterPage(rows.flatMap(({ record }) => record ?? []));
    operations += 1;
    const body = {
      links: links(`${url}${SUITEQL_PATH}`, limit, offset, total),
      count: page.length,
      hasMore: offset + page.length < total,
      items: page,
      offset,
      totalResults: total,
    };
    return {
      status: 200,
      headers: {
        'content-type': `${RESOURCE}; type=collection; charset=UTF-8`,
        'Preference-Applied': 'transient',
        'X-N-OperationId': `twin-${operations}`,
        'X-NetSuite-JobId': String(operations),
      },
      body: Buffer.from(`${JSON.stringify(body)}\n`),
    };
  } catch (error) {
    if (error instanceof QueryError)
      throw new Refused(400, { code: 'INVALID_PARAMETER', detail: error.message, query: 'q' });
    throw error;
  }
}
