import * as z from 'zod';
import type { TwinReply, TwinRequest } from '../../../src/sdk/twin-kit/exchange.ts';
import { parseBody } from './collections.ts';
import type { TwinRecord } from './state.ts';
import { refusalReply, vendorError, VendorRefusal } from './vendor-error.ts';

const MOST = 25;

const SubRequest = z.object({
  method: z.string(),
  url: z.string().startsWith('/services/data/'),
  referenceId: z.string().regex(/^[A-Za-z]\w*$/),
  httpHeaders: z.record(z.string(), z.string()).default({}),
  body: z.json().optional(),
});
const Body = z.object({ allOrNone: z.boolean().default(false), compositeRequest: z.array(SubRequest) }); // prettier-ignore

/**
 * `POST /composite`: up to 25 calls in one, each with its own headers and its own status, the outer one being 200. All or
 * none, and references from one to another, are not played.
 */
export function compositeReply(
  request: TwinRequest,
  run: (request: TwinRequest) => TwinReply,
): TwinReply {
  const { allOrNone, compositeRequest: calls } = parseBody(Body, request);
  if (calls.length > MOST || allOrNone)
    throw new VendorRefusal(
      400,
      vendorError('LIMIT_EXCEEDED', `Not more than ${MOST} subrequests, without all or none, are played here`), // prettier-ignore
    );
  const compositeResponse = calls.map(({ method, url, referenceId, httpHeaders, body }) => {
    const at = new URL(url, 'http://twin');
    const headers = Object.entries(httpHeaders).map(([name, value]) => [name.toLowerCase(), value]);
    const reply = run({
      method,
      path: at.pathname,
      query: at.searchParams,
      headers: { ...request.headers, ...Object.fromEntries(headers) },
      rawBody: Buffer.from(JSON.stringify(body ?? null)),
    });
    const said = Buffer.isBuffer(reply.body) ? null : reply.body;
    return { body: said, httpHeaders: {}, httpStatusCode: reply.status, referenceId };
  });
  return { status: 200, body: { compositeResponse } };
}

/** 412 for a record that changed after `If-Unmodified-Since`, by whole seconds; undefined where nothing forbids it. */
export function failedPrecondition(
  request: TwinRequest,
  record: TwinRecord,
): TwinReply | undefined {
  const since = request.headers['if-unmodified-since'];
  if (since === undefined) return undefined;
  const limit = Date.parse(since);
  if (Number.isNaN(limit))
    return refusalReply(400, vendorError('INVALID_HEADER', `Invalid date: ${since}`));
  const modified = Number(record.values.get('LastModifiedDate'));
  return Math.floor(modified / 1000) * 1000 > limit ? { status: 412, body: null } : undefined;
}
