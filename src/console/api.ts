import { currentKey, keepKey } from './session-key.ts';

/** One thing that is wrong with what was sent. */
export interface Problem {
  readonly row?: string | null;
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
  readonly hint?: string | null;
  /** Of the text, from 1. */
  readonly line?: number | null;
}

/** What the API answered instead of the wanted thing (problem+json, RFC 9457). */
export class ApiError extends Error {
  readonly status: number;
  readonly problems: readonly Problem[];
  readonly requestId: string | null;

  constructor(
    status: number,
    message: string,
    problems: readonly Problem[],
    requestId: string | null,
  ) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.problems = problems;
    this.requestId = requestId;
  }
}

const TOO_MANY_REQUESTS = 429;

/** What the API refuses, it refuses again: only a server that could not be reached, or that is busy, is asked twice. */
export function isWorthAnotherTry(failures: number, error: Error): boolean {
  if (failures >= 2) return false;
  return !(error instanceof ApiError) || error.status >= 500 || error.status === TOO_MANY_REQUESTS;
}

/** An answer with the ETag that a later write has to name. */
export interface Answer<Body> {
  readonly body: Body;
  readonly etag: string | null;
}

interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly body?: unknown;
  /** What a write goes on top of: an ETag, or null where nothing may be there yet. */
  readonly ifMatch?: string | null;
  readonly signal?: AbortSignal;
  readonly key?: string;
}

/** Calls the API. Throws an ApiError for every answer that is no success; a refused key signs the tab out. */
export async function call<Body>(path: string, options: Call = {}): Promise<Answer<Body>> {
  const { method = 'GET', body, ifMatch, signal, key = currentKey() } = options;
  const headers = new Headers();
  if (key !== null) headers.set('authorization', `Bearer ${key}`);
  if (body !== undefined) headers.set('content-type', 'application/json');
  if (ifMatch === null) headers.set('if-none-match', '*');
  else if (ifMatch !== undefined) headers.set('if-match', ifMatch);
  const response = await fetch(`/api/v1${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  if (!response.ok) throw await refusal(response, options.key === undefined);
  const text = await response.text();
  return {
    body: (text === '' ? null : JSON.parse(text)) as Body,
    etag: response.headers.get('etag'),
  };
}

/** Only what is asked for, without its ETag. */
export async function read<Body>(path: string, signal?: AbortSignal): Promise<Body> {
  return (await call<Body>(path, signal === undefined ? {} : { signal })).body;
}

interface PageOf<Row> {
  readonly data: readonly Row[];
  readonly page: { readonly nextCursor: string | null };
}

/** Every row of a list, page after page. */
export async function readAll<Row>(path: string, signal: AbortSignal): Promise<readonly Row[]> {
  const rows: Row[] = [];
  let cursor: string | null = null;
  do {
    const place: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const joint = path.includes('?') ? '&' : '?';
    const { data, page }: PageOf<Row> = await read(`${path}${joint}limit=200${place}`, signal);
    rows.push(...data);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return rows;
}

interface ProblemBody {
  readonly title?: string;
  readonly detail?: string;
  readonly errors?: readonly Problem[];
  readonly requestId?: string;
}

async function refusal(response: Response, signsOut: boolean): Promise<ApiError> {
  const told = (await response.json().catch(() => ({}))) as ProblemBody;
  if (response.status === 401 && signsOut) keepKey(null);
  const message =
    told.detail ?? told.title ?? `The server answered with status ${response.status}.`;
  return new ApiError(response.status, message, told.errors ?? [], told.requestId ?? null);
}
