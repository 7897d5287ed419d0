import type { AxiosInstance, AxiosResponse } from 'axios';
import type { ConnectorLimits, Egress } from './define-connector.ts';
import { parseExactJson } from './exact-json.ts';
import {
  AuthExpired,
  Conflict,
  HubError,
  RateLimited,
  RemoteRejected,
  RemoteUnavailable,
  type Clock,
  type Json,
  type JsonObject,
} from './kernel.ts';

export interface JsonAnswer {
  readonly body: JsonObject;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** A JSON API behind one login. Every failure comes as one of the five remote errors. */
export interface JsonClient {
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<JsonAnswer>;
  /** The same, but undefined where the API answers 404. */
  find(path: string): Promise<JsonAnswer | undefined>;
  /** An answer that is plain text, such as a count. */
  text(path: string, headers?: Readonly<Record<string, string>>): Promise<string>;
  /**
   * A call that changes something; undefined where the answer has no body. A login that may not do it is refused
   * (RemoteRejected), not expired. `details.sent` of an error is false where the call surely never left.
   */
  change(
    method: 'POST' | 'PATCH' | 'DELETE',
    path: string,
    body: JsonObject,
    headers?: Readonly<Record<string, string>>,
  ): Promise<JsonObject | undefined>;
}

/** The way to a JSON API through a connection's egress: answers stay text, every status is accepted, no redirect followed. */
export function jsonHttp(
  egress: Egress,
  baseURL: string,
  limits: Pick<ConnectorLimits, 'timeoutMs' | 'maxResponseBytes'>,
): AxiosInstance {
  return egress.http({
    baseURL,
    timeout: limits.timeoutMs,
    maxContentLength: limits.maxResponseBytes,
    maxRedirects: 0,
    responseType: 'text',
    transformResponse: (data: unknown) => data,
    validateStatus: () => true,
    headers: { accept: 'application/json' },
  });
}

export interface JsonClientOptions {
  /** Made by {@link jsonHttp}. */
  readonly http: AxiosInstance;
  /** The API's name, for messages. */
  readonly name: string;
  readonly clock: Clock;
  /** The Authorization header; called before each request. */
  readonly authorize: () => Promise<string>;
  /** Drops what the last header was made of; true if a new one may be had. */
  readonly forget?: () => boolean;
  /** What this API means by a refusal, where the status alone does not say; null: judge by the status. */
  readonly refusal?: (answer: AxiosResponse<string>) => HubError | null;
}

/** True for a JSON object; arrays and null are not objects. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** When `Retry-After` says to come back: seconds or an HTTP date; undefined when it says nothing that can be read. */
export function retryAfter(header: unknown, now: Date): Date | undefined {
  if (typeof header !== 'string') return undefined;
  const text = header.trim();
  if (/^\d{1,6}$/.test(text)) return new Date(now.getTime() + Number(text) * 1000);
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : new Date(at);
}

/** Creates the client. It sends nothing until it is asked for something, follows no redirect and retries nothing. */
export function createJsonClient(options: JsonClientOptions): JsonClient {
  const ask = async (path: string, headers: Headers = {}, what: What = { method: 'GET' }) => {
    const first = await send(options, path, headers, what);
    // A call that was refused for its login did nothing, so it may be made again.
    if (first.status !== 401 || options.forget?.() !== true) return first;
    return send(options, path, headers, what);
  };
  const json = (answer: AxiosResponse<string>, path: string): JsonAnswer => {
    if (answer.status !== 200) throw failure(options, answer, path);
    return { body: bodyOf(options, answer, path), headers: answer.headers };
  };
  return {
    get: async (path, headers) => json(await ask(path, headers), path),
    find: async (path) => {
      const answer = await ask(path);
      return answer.status === 404 ? undefined : json(answer, path);
    },
    text: async (path, headers) => {
      const answer = await ask(path, headers);
      if (answer.status !== 200) throw failure(options, answer, path);
      return answer.data;
    },
    change: async (method, path, body, headers) => {
      const answer = await ask(path, headers, { method, body });
      const { status, data } = answer;
      if (status === 403 && (options.refusal?.(answer) ?? null) === null)
        throw mayNot(options, path);
      if (status < 200 || status > 299) throw failure(options, answer, path);
      return data === '' ? undefined : bodyOf(options, answer, path);
    },
  };
}

/** Paths may hold ids and tokens of pages: messages name what stands before the query. */
const shown = (path: string): string => path.split('?')[0] ?? path;

type Headers = Readonly<Record<string, string>>;
type What = { readonly method: string; readonly body?: JsonObject };

async function send(
  { http, name, authorize }: JsonClientOptions,
  path: string,
  headers: Headers,
  { method, body }: What,
): Promise<AxiosResponse<string>> {
  const authorization = await authorize();
  const sent = body === undefined ? {} : { 'content-type': 'application/json' };
  const data = body === undefined ? {} : { data: JSON.stringify(body) };
  try {
    return await http.request<string>({ method, url: path, headers: { ...sent, ...headers, authorization }, ...data }); // prettier-ignore
  } catch (error) {
    throw networkFailure(error, name, path);
  }
}

/** A login that reads and may not change is no login that ended. */
function mayNot({ name }: JsonClientOptions, path: string): RemoteRejected {
  return new RemoteRejected(
    `${name} does not let this login change ${shown(path)} (403). Check its rights.`,
    { details: { path: shown(path), status: 403 } },
  );
}

/** The connection was never made, so nothing of the call arrived. */
const NEVER_LEFT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']); // prettier-ignore

/** A refusal of our own guard reaches the caller as it is. An axios error is not kept: it holds the token. */
export function networkFailure(error: unknown, name: string, path: string): HubError {
  let each = error;
  for (let depth = 0; depth < 5 && typeof each === 'object' && each !== null; depth += 1) {
    if (each instanceof HubError) return each;
    each = 'cause' in each ? each.cause : null;
  }
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  const said = typeof code === 'string' ? code : 'unknown';
  return new RemoteUnavailable(
    `${name} did not answer ${shown(path)} (${said}). Check that its host is reachable.`,
    {
      details: { path: shown(path), code: said, ...(NEVER_LEFT.has(said) ? { sent: false } : {}) },
    },
  );
}

function failure(
  { name, clock, refusal }: JsonClientOptions,
  answer: AxiosResponse<string>,
  path: string,
): HubError {
  const { status } = answer;
  const own = refusal?.(answer) ?? null;
  if (own !== null) return own;
  const where = `(${status} for ${shown(path)})`;
  const details = { path: shown(path), status };
  if (status === 401)
    return new AuthExpired(`${name} refused the login ${where}. Give the connection new secrets.`, {
      details,
    });
  if (status === 403)
    return new AuthExpired(`${name} does not let this login read ${where}. Check its rights.`, {
      details,
    });
  if (status === 429) {
    const at = retryAfter(answer.headers['retry-after'], clock.now());
    const when = at === undefined ? {} : { retryAt: at };
    return new RateLimited(`${name} asks to slow down ${where}.`, { details, ...when });
  }
  if (status === 409 || status === 412)
    return new Conflict(`${name} reports a conflict ${where}.${saidBy(answer)}`, { details });
  if (status >= 400 && status < 500)
    return new RemoteRejected(`${name} refused the request ${where}.${saidBy(answer)} Check the connection’s settings.`, { details }); // prettier-ignore
  const why =
    status >= 300 && status < 400 ? 'Redirects are not followed: use the final address.' : 'Try again later.';
  return new RemoteUnavailable(`${name} answered ${status} for ${shown(path)}. ${why}`, { details });
} // prettier-ignore

const MOST_SAID = 200;

/** The API's own words for a refusal: `message`, or that of `error`; empty where it says nothing. */
function saidBy({ data }: AxiosResponse<string>): string {
  let body: Json = null;
  try {
    body = parseExactJson(data);
  } catch {
    return '';
  }
  const holder = isObject(body) && isObject(body['error']) ? body['error'] : body;
  const message = isObject(holder) ? holder['message'] : undefined;
  return typeof message === 'string' ? ` It says: ${message.slice(0, MOST_SAID)}` : '';
}

function bodyOf(
  { name }: JsonClientOptions,
  answer: AxiosResponse<string>,
  path: string,
): JsonObject {
  const type = String(answer.headers['content-type'] ?? '').toLowerCase();
  if (!/^application\/([\w.-]+\+)?json(;|$)/.test(type)) {
    throw new RemoteUnavailable(
      `${name} answered ${shown(path)} with "${type.slice(0, 60)}" instead of JSON: a sign-in or error page. Check the address.`,
    );
  }
  let body: Json = null;
  try {
    body = parseExactJson(answer.data);
  } catch {
    // Told below.
  }
  if (isObject(body)) return body;
  throw new RemoteUnavailable(
    `${name} answered ${shown(path)} with text that is not a whole JSON object. Try again.`,
  );
}
