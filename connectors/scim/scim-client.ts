import type { AxiosInstance, AxiosResponse } from 'axios';
import type { ConnectorContext } from '../../src/sdk/define-connector.ts';
import { parseExactJson } from '../../src/sdk/exact-json.ts';
import type { Clock, JsonObject } from '../../src/sdk/kernel.ts';
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

export type ScimQuery = Readonly<Record<string, string | number>>;

export interface ScimClient {
  /** The JSON object at a path. Throws one of the five remote errors. */
  get(path: string, query?: ScimQuery): Promise<JsonObject>;
  /** The same, but undefined where the directory answers 404. */
  find(path: string): Promise<JsonObject | undefined>;
}

/** True for a JSON object; arrays and null are not objects. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const MAX_DETAIL = 200;

/** What the SCIM error body says (RFC 7644 §3.12), cut short; empty when there is none. */
function detailOf(text: string): string {
  try {
    const body = parseExactJson(text);
    const { detail, scimType } = isObject(body) ? body : {};
    const said = [scimType, detail].filter((each) => typeof each === 'string').join(': ');
    return said === '' ? '' : ` It says: ${said.slice(0, MAX_DETAIL)}`;
  } catch {
    return '';
  }
}

/** Retry-After in seconds or as an HTTP date. */
function retryAt(header: unknown, clock: Clock): Date | undefined {
  if (typeof header !== 'string') return undefined;
  if (/^\d{1,6}$/.test(header)) return new Date(clock.now().getTime() + Number(header) * 1000);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : new Date(at);
}

function failure(response: AxiosResponse<string>, path: string, clock: Clock): HubError {
  const { status } = response;
  const said = detailOf(response.data);
  const details = { path, status };
  if (status === 401 || status === 403) {
    const what = status === 401 ? 'refused the token' : 'does not let this token read';
    return new AuthExpired(
      `The directory ${what} (${status} for ${path}).${said} Give the connection a new token.`,
      { details },
    );
  }
  if (status === 429) {
    const at = retryAt(response.headers['retry-after'], clock);
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

/** A client for reading one directory. Every failure comes as one of the five remote errors. */
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
  const get = async (path: string, query: ScimQuery = {}): Promise<JsonObject> => {
    const response = await send(http, path, query);
    if (response.status !== 200) throw failure(response, path, clock);
    return bodyOf(response, path);
  };
  return {
    get,
    find: async (path) => {
      const response = await send(http, path, {});
      if (response.status === 404) return undefined;
      if (response.status !== 200) throw failure(response, path, clock);
      return bodyOf(response, path);
    },
  };
}
