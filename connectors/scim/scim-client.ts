import type { AxiosInstance, AxiosResponse } from 'axios';
import type { ConnectorContext } from '../../src/sdk/define-connector.ts';
import { parseExactJson } from '../../src/sdk/exact-json.ts';
import type { Clock, Json, JsonObject } from '../../src/sdk/kernel.ts';
import {
  AuthExpired,
  Conflict,
  HubError,
  RateLimited,
  RemoteRejected,
  RemoteUnavailable,
} from '../../src/sdk/kernel.ts';
import type { ScimConfig, ScimSecrets } from './config.ts';
import { LIMITS } from './limits.ts';
import { retryAt } from './retry-at.ts';

export type ScimQuery = Readonly<Record<string, string | number>>;

/** An answer with what its headers tell about the directory. */
export interface ScimAnswer {
  readonly body: JsonObject;
  readonly headers: Readonly<Record<string, unknown>>;
  /** How long its text is. */
  readonly characters: number;
}

export interface ScimClient {
  /** The JSON object at a path. Throws one of the five remote errors; `details.scimType` is the directory's own word. */
  get(path: string, query?: ScimQuery): Promise<JsonObject>;
  /** The same, with the headers of the answer. */
  ask(path: string, query?: ScimQuery): Promise<ScimAnswer>;
  /** The same, but undefined where the directory answers 404. */
  find(path: string, query?: ScimQuery): Promise<JsonObject | undefined>;
  /**
   * Changes one resource, all operations or none, on the condition that it still has `version` where that is given. Gives
   * the resource's new version where the directory tells it. `details.sent` of an error is false where the call never left.
   */
  patch(path: string, operations: readonly Json[], version: string | null): Promise<string | null>;
}

/** True for a JSON object; arrays and null are not objects. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const MAX_DETAIL = 200;

/** What the SCIM error body says (RFC 7644 §3.12); empty texts where it says nothing. */
function saidBy(text: string): { readonly scimType: string; readonly detail: string } {
  let body: unknown;
  try {
    body = parseExactJson(text);
  } catch {
    body = null;
  }
  const { detail, scimType } = isObject(body) ? body : {};
  const textOf = (each: unknown): string => (typeof each === 'string' ? each : '');
  return { scimType: textOf(scimType).slice(0, 40), detail: textOf(detail) };
}

function failure(response: AxiosResponse<string>, path: string, clock: Clock): HubError {
  const { status } = response;
  const { scimType, detail } = saidBy(response.data);
  const words = [scimType, detail].filter((each) => each !== '').join(': ');
  const said = words === '' ? '' : ` It says: ${words.slice(0, MAX_DETAIL)}`;
  const details = { path, status, ...(scimType === '' ? {} : { scimType }) };
  if (status === 401 || status === 403) {
    const what = status === 401 ? 'refused the token' : 'does not let this token read';
    return new AuthExpired(
      `The directory ${what} (${status} for ${path}).${said} Give the connection a new token.`,
      { details },
    );
  }
  if (status === 429) {
    const at = retryAt(response.headers, clock.now());
    const when = at === undefined ? {} : { retryAt: at };
    return new RateLimited(`The directory asks to slow down (429 for ${path}).`, {
      details,
      ...when,
    });
  }
  if (status === 409 || status === 412) {
    return new Conflict(`The directory reports a conflict (${status} for ${path}).${said}`, {
      details,
    });
  }
  if (status >= 400 && status < 500) {
    return new RemoteRejected(
      `The directory refused the request (${status} for ${path}).${said} Check the base URL.`,
      { details },
    );
  }
  const why =
    status >= 300 && status < 400
      ? 'Redirects are not followed: use the final base URL.'
      : 'Try again later.';
  return new RemoteUnavailable(`The directory answered ${status} for ${path}. ${why}`, { details });
}

function bodyOf(response: AxiosResponse<string>, path: string): JsonObject {
  const type = String(response.headers['content-type'] ?? '').toLowerCase();
  if (!/^application\/(scim\+)?json(;|$)/.test(type)) {
    throw new RemoteUnavailable(
      `The directory answered ${path} with "${type.slice(0, 60)}" instead of SCIM JSON: a sign-in or error page. Check the base URL.`,
    );
  }
  let body: unknown;
  try {
    body = parseExactJson(response.data);
  } catch {
    body = null;
  }
  if (!isObject(body)) {
    throw new RemoteUnavailable(
      `The directory answered ${path} with text that is not a whole JSON object. Try again.`,
    );
  }
  return body;
}

function memberOf(thrown: unknown, name: 'cause' | 'code'): unknown {
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  return Reflect.get(thrown, name);
}

/** A refusal of our own guard (a private address) reaches the caller as it is, not as a remote failure. */
function translate(error: unknown, path: string): HubError {
  for (let each = error, depth = 0; depth < 5; depth += 1) {
    if (each instanceof HubError) return each;
    each = memberOf(each, 'cause');
  }
  // Neither the message nor the cause of an axios error is kept: its config holds the token.
  const given = memberOf(error, 'code');
  const code = typeof given === 'string' ? given : 'unknown';
  return new RemoteUnavailable(
    `The directory did not answer ${path} (${code}). Check that its host is reachable.`,
    { details: { path, code } },
  );
}

async function send(
  http: AxiosInstance,
  path: string,
  query: ScimQuery,
): Promise<AxiosResponse<string>> {
  try {
    return await http.get<string>(path, { params: query });
  } catch (error) {
    throw translate(error, path);
  }
}

/** A resource's version (RFC 7644 §3.14); null where the directory has none. */
export function versionOf(resource: JsonObject): string | null {
  const meta = isObject(resource['meta']) ? resource['meta'] : {};
  const { version } = meta;
  return typeof version === 'string' && version !== '' ? version : null;
}

function tagOf({ headers }: AxiosResponse<string>): string | null {
  const tag: unknown = headers['etag'];
  return typeof tag === 'string' && tag !== '' ? tag : null;
}

/** A token that reads and does not write is no login that ended. */
function notWritable(status: number, path: string): RemoteRejected {
  return new RemoteRejected(
    `The directory does not let this token write (${status} for ${path}). Give the connection one that may.`,
    { details: { path, status } },
  );
}

const PATCH_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
/** The call did not get as far as the directory. */
const NEVER_LEFT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

async function sendPatch(
  http: AxiosInstance,
  path: string,
  operations: readonly Json[],
  version: string | null,
): Promise<AxiosResponse<string>> {
  const body = JSON.stringify({ schemas: [PATCH_SCHEMA], Operations: operations });
  const condition = version === null ? {} : { 'If-Match': version };
  const headers = { 'Content-Type': 'application/scim+json', ...condition };
  try {
    return await http.patch<string>(path, body, { headers });
  } catch (error) {
    const told = translate(error, path);
    const { details } = told;
    if (!(told instanceof RemoteUnavailable) || !NEVER_LEFT.has(String(details['code'])))
      throw told;
    throw new RemoteUnavailable(told.message, { details: { ...details, sent: false } });
  }
}

/** A client for one directory. Every failure comes as one of the five remote errors. */
export function createScimClient(context: ConnectorContext<ScimConfig, ScimSecrets>): ScimClient {
  const { config, secrets, egress, clock } = context;
  const http = egress.http({
    baseURL: config.baseUrl,
    timeout: LIMITS.timeoutMs,
    maxContentLength: LIMITS.maxResponseBytes,
    maxRedirects: 0,
    responseType: 'text',
    transformResponse: (data: unknown) => data,
    validateStatus: () => true,
    headers: {
      Authorization: `Bearer ${secrets.token}`,
      Accept: 'application/scim+json, application/json;q=0.9',
    },
  });
  const ask = async (path: string, query: ScimQuery = {}): Promise<ScimAnswer> => {
    const response = await send(http, path, query);
    if (response.status !== 200) throw failure(response, path, clock);
    const { headers, data } = response;
    return { body: bodyOf(response, path), headers, characters: data.length };
  };
  return {
    ask,
    get: async (path, query) => (await ask(path, query)).body,
    find: async (path, query = {}) => {
      const response = await send(http, path, query);
      if (response.status === 404) return undefined;
      if (response.status !== 200) throw failure(response, path, clock);
      return bodyOf(response, path);
    },
    patch: async (path, operations, version) => {
      const response = await sendPatch(http, path, operations, version);
      const { status } = response;
      if (status === 204) return tagOf(response);
      if (status === 200) return tagOf(response) ?? versionOf(bodyOf(response, path));
      if (status === 403 || status === 405) throw notWritable(status, path);
      throw failure(response, path, clock);
    },
  };
}
