import { gzipSync } from 'node:zlib';
import type { FaultRule, Faults } from './faults.ts';
import type { TwinHandler, TwinReply, TwinRequest } from './exchange.ts';

/** What the client meets on the wire: an answer, a part of one, or nothing. */
export type WireOutcome =
  | { readonly kind: 'reply'; readonly reply: TwinReply }
  /** Half of the body, and the connection breaks. */
  | { readonly kind: 'cut'; readonly reply: TwinReply }
  /** The connection breaks without an answer. */
  | { readonly kind: 'reset' }
  /** No answer, and the connection stays open. */
  | { readonly kind: 'hang' }
  | { readonly kind: 'stream'; readonly stream: WireStream };

/** A body that the wire makes while it sends it. */
export interface WireStream {
  readonly headers: Readonly<Record<string, string>>;
  /** Its bytes, until the client has had enough. */
  readonly chunks: Iterable<Buffer>;
  /** Pause after each chunk, in milliseconds. */
  readonly pauseMs: number;
}

export interface WireOptions {
  readonly handler: TwinHandler;
  readonly faults: Faults;
  readonly onExpireToken: () => void;
  readonly sleep: (ms: number) => Promise<unknown>;
}

const GIGABYTE = 1024 ** 3;
const CHUNK = Buffer.alloc(256 * 1024, ' ');

/** What a proxy or a sign-in page in front of the API answers, with a 200 and a smile. */
const LOGIN_PAGE =
  '<!DOCTYPE html><html><head><title>Login</title></head><body><form method="post"><input name="username"></form></body></html>';

/** Answers one request as the fault plan says: the control endpoint below `/__twin` is spared. */
export async function answerOnWire(
  request: TwinRequest,
  { handler, faults, onExpireToken, sleep }: WireOptions,
): Promise<WireOutcome> {
  const isControl = request.path.startsWith('/__twin');
  const fault = isControl ? undefined : faults.next(request.method, request.path);
  if (fault === undefined) return { kind: 'reply', reply: await handler(request) };
  const instead = INSTEAD[fault.action];
  if (fault.action === 'expire_token') onExpireToken();
  if (fault.delayMs !== undefined && fault.action !== 'slow_body') await sleep(fault.delayMs);
  if (instead !== undefined) return instead(fault);
  const reply = await handler(request);
  return AFTER[fault.action]?.(reply) ?? { kind: 'reply', reply };
}

type Action = FaultRule['action'];

/** Faults before which the vendor's own code never runs. */
const INSTEAD: Partial<Record<Action, (fault: FaultRule) => WireOutcome>> = {
  refuse: () => ({ kind: 'reset' }),
  reset_before: () => ({ kind: 'reset' }),
  status: ({ status = 503, body = 'Service Unavailable', headers }) =>
    replied(status, body, { 'content-type': 'text/plain', ...headers }),
  redirect: ({ status = 302, headers }) =>
    replied(status, '', { location: 'http://169.254.169.254/latest/meta-data/', ...headers }),
  html_page: () => replied(200, LOGIN_PAGE, { 'content-type': 'text/html; charset=UTF-8' }),
  huge_body: ({ bytes = 2 * GIGABYTE }) => streamed('[', repeated(bytes), 0),
  slow_body: ({ bytes = GIGABYTE, delayMs = 1000 }) => streamed('[', drops(bytes), delayMs),
  gzip_bomb: ({ bytes = GIGABYTE }) => bomb(bytes),
};

/** Faults of an answer that the vendor's own code has made, its effect included. */
const AFTER: Partial<Record<Action, (reply: TwinReply) => WireOutcome>> = {
  apply_then_reset: () => ({ kind: 'reset' }),
  apply_then_hang: () => ({ kind: 'hang' }),
  truncate_body: (reply) => ({ kind: 'cut', reply }),
  malformed_json: (reply) => ({ kind: 'reply', reply: { ...reply, body: '{"records":[{' } }),
  wrong_type: (reply) => ({
    kind: 'reply',
    reply: { ...reply, headers: { ...lowered(reply.headers), 'content-type': 'text/plain' } },
  }),
};

function replied(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>>,
): WireOutcome {
  return { kind: 'reply', reply: { status, body, headers } };
}

function lowered(headers: TwinReply['headers'] = {}): NonNullable<TwinReply['headers']> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

const JSON_TYPE = { 'content-type': 'application/json;charset=UTF-8' };

function streamed(first: string, rest: Iterable<Buffer>, pauseMs: number): WireOutcome {
  function* chunks(): Generator<Buffer> {
    yield Buffer.from(first);
    yield* rest;
  }
  return { kind: 'stream', stream: { headers: JSON_TYPE, chunks: chunks(), pauseMs } };
}

/** Spaces: JSON to its last byte, so nothing but a limit ends it. */
function* repeated(bytes: number): Generator<Buffer> {
  for (let left = bytes; left > 0; left -= CHUNK.length)
    yield left >= CHUNK.length ? CHUNK : CHUNK.subarray(0, left);
}

function* drops(bytes: number): Generator<Buffer> {
  for (let sent = 0; sent < bytes; sent += 1) yield Buffer.from(' ');
}

/**
 * Few bytes on the wire, a thousand times as many for whoever unpacks them: gzip members one after the other, which
 * RFC 1952 §2.2 reads as one text.
 */
function bomb(bytes: number): WireOutcome {
  const packed = gzipSync(Buffer.alloc(16 * 1024 * 1024, ' '));
  function* members(): Generator<Buffer> {
    for (let left = bytes; left > 0; left -= 16 * 1024 * 1024) yield packed;
  }
  const headers = { ...JSON_TYPE, 'content-encoding': 'gzip' };
  return { kind: 'stream', stream: { headers, chunks: members(), pauseMs: 0 } };
}
