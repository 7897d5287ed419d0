import * as z from 'zod';
import { HubError, RemoteUnavailable } from '../kernel/errors.ts';
import { followEvents, type StreamEvent } from './event-stream.ts';

/** One page of a list. */
export interface PageOf<T> {
  readonly data: readonly T[];
  readonly page: { readonly nextCursor: string | null; readonly hasMore: boolean };
}

/** The client of `/api/v1`. Paths are below it; a problem document becomes an error with its status and code. */
export interface ApiClient {
  readonly url: string;
  get<T>(path: string, query?: Query): Promise<T>;
  post<T>(path: string, body?: object): Promise<T>;
  /** Posts a text of another content type than JSON's. */
  send<T>(path: string, contentType: string, text: string): Promise<T>;
  put<T>(path: string, body: object): Promise<T>;
  patch<T>(path: string, body: object): Promise<T>;
  delete<T>(path: string): Promise<T>;
  /** One resource with its version tag, for a change of it. */
  tagged<T>(path: string): Promise<{ readonly body: T; readonly etag: string | null }>;
  /** Changes what had this tag when it was read; null: there is none yet. */
  change<T>(
    method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    etag: string | null,
    body?: object,
  ): Promise<T>;
  /** Every row of a list, page after page, up to `most`. */
  list<T>(path: string, query?: Query, most?: number): Promise<readonly T[]>;
  /** The events of a stream until its `end`; a broken connection is opened again where it broke off. */
  events(path: string): AsyncIterable<StreamEvent>;
  /** The bytes of a file. */
  bytes(path: string): Promise<Uint8Array>;
  /** Something outside `/api/v1`, as text. */
  text(path: string): Promise<string>;
}

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

const Problem = z.object({
  detail: z.string(),
  code: z.string(),
  status: z.number(),
  errors: z
    .array(z.object({ pointer: z.string(), message: z.string(), hint: z.string().nullish() }))
    .optional(),
});

const TIMEOUT_MS = 180_000;
const PAGE = 200;

/** Creates a client. Throws RemoteUnavailable when the server cannot be reached. */
export function createApiClient(server: { readonly url: string; readonly key: string }): ApiClient {
  const json = async <T>(method: string, path: string, body?: object): Promise<T> =>
    (await (await callServer(server, method, `/api/v1${path}`, body)).json()) as T;
  const get = <T>(path: string, query: Query = {}): Promise<T> =>
    json('GET', `${path}${queryText(query)}`);
  return {
    url: server.url,
    get,
    post: (path, body) => json('POST', path, body),
    send: async <T>(path: string, contentType: string, text: string) =>
      (await (
        await callServer(server, 'POST', `/api/v1${path}`, text, { contentType })
      ).json()) as T,
    put: (path, body) => json('PUT', path, body),
    patch: (path, body) => json('PATCH', path, body),
    delete: (path) => json('DELETE', path),
    tagged: async <T>(path: string) => {
      const response = await callServer(server, 'GET', `/api/v1${path}`);
      return { body: (await response.json()) as T, etag: response.headers.get('etag') };
    },
    change: async <T>(method: string, path: string, etag: string | null, body?: object) => {
      const seen: Readonly<Record<string, string>> =
        etag === null ? { 'if-none-match': '*' } : { 'if-match': etag };
      const response = await callServer(server, method, `/api/v1${path}`, body, { headers: seen });
      return (await response.json()) as T;
    },
    list: async <T>(path: string, query: Query = {}, most = Number.POSITIVE_INFINITY) => {
      const rows: T[] = [];
      let cursor: string | null = null;
      do {
        const limit = Math.min(PAGE, most - rows.length);
        const page: PageOf<T> = await get(path, {
          ...query,
          limit,
          ...(cursor === null ? {} : { cursor }),
        });
        rows.push(...page.data);
        cursor = page.page.nextCursor;
      } while (cursor !== null && rows.length < most);
      return rows;
    },
    events: (path) =>
      followEvents(async (lastId, signal) => {
        const response = await reach(server.url, () =>
          fetch(`${server.url}/api/v1${path}`, {
            headers: {
              authorization: `Bearer ${server.key}`,
              ...(lastId === null ? {} : { 'last-event-id': lastId }),
            },
            signal,
          }),
        );
        if (response.ok) return response;
        throw await problem(response);
      }),
    bytes: async (path) =>
      new Uint8Array(await (await callServer(server, 'GET', `/api/v1${path}`)).arrayBuffer()),
    text: async (path) => (await callServer(server, 'GET', path)).text(),
  };
}

async function callServer(
  server: { readonly url: string; readonly key: string },
  method: string,
  path: string,
  body?: object | string,
  {
    contentType = 'application/json',
    headers = {},
  }: {
    readonly contentType?: string;
    readonly headers?: Readonly<Record<string, string>>;
  } = {},
): Promise<Response> {
  const response = await reach(server.url, () =>
    fetch(`${server.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${server.key}`,
        ...(body === undefined ? {} : { 'content-type': contentType }),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }),
  );
  if (response.ok) return response;
  throw await problem(response);
}

async function reach(url: string, send: () => Promise<Response>): Promise<Response> {
  try {
    return await send();
  } catch (error) {
    throw new RemoteUnavailable(
      `No Trueup server answers at ${url}. Is it running, and is the URL right?`,
      { cause: error },
    );
  }
}

async function problem(response: Response): Promise<HubError> {
  const text = await response.text();
  const parsed = Problem.safeParse(parseJson(text));
  if (!parsed.success) {
    return new HubError(
      `The server answered ${response.status} without saying why. Is this a Trueup server?`,
      { code: 'not_a_problem', status: response.status, retryable: false },
    );
  }
  const { detail, code, status, errors = [] } = parsed.data;
  const lines = errors.map(
    ({ pointer, message, hint }) =>
      `  ${pointer}: ${message}${hint === undefined || hint === null ? '' : ` (${hint})`}`,
  );
  return new HubError([detail, ...lines].join('\n'), { code, status, retryable: status >= 500 });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function queryText(query: Query): string {
  const given = Object.entries(query).filter(
    (entry): entry is [string, string | number | boolean] => entry[1] !== undefined,
  );
  return given.length === 0
    ? ''
    : `?${new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)])).toString()}`;
}
