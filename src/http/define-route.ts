import * as z from 'zod';
import { HubError, InternalError, ValidationError } from '../kernel/errors.ts';
import type { Caller } from '../security/caller.ts';
import type { Permission } from '../security/permissions.ts';
import type { HttpDeps } from './http-deps.ts';
import type { ServerEvent } from './server-events.ts';
import { jsonable } from './jsonable.ts';
import type { WhenOver } from './when-over.ts';

export type { HttpDeps } from './http-deps.ts';

/** A request as the server hands it to a route, before anything of it is parsed. */
export interface RawRequest {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The other end of the socket. */
  readonly remoteAddress: string;
  /** What the route's own `admit` found out; undefined where it has none. */
  readonly admitted?: unknown;
}

/** What a route may say beside its body. */
export interface ReplyHead {
  status: number;
  readonly headers: Record<string, string>;
}

export interface Input<Params, Query, Body> {
  readonly deps: HttpDeps;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly request: RawRequest;
  readonly reply: ReplyHead;
}

interface Shape<Params, Query, Body> {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** As OpenAPI spells it: `/api/v1/plans/{id}:approve`. */
  readonly path: string;
  readonly summary: string;
  readonly params?: z.ZodType<Params>;
  readonly query?: z.ZodType<Query>;
  /** JSON of this shape, `application/json` only; without it the route takes no body. */
  readonly body?: z.ZodType<Body>;
  readonly status?: 200 | 201 | 202;
  /** What the answer holds. Whatever a flow returns beyond it is left out. */
  readonly response: z.ZodType;
}

/** A route whose caller is signed in and has the permission. */
interface Guarded<Params, Query, Body> extends Shape<Params, Query, Body> {
  readonly permission: Permission;
  /** True for a single resource: its answer carries a strong ETag, of its own where the reply gives one. */
  readonly etag?: boolean;
  /** Other forms of the answer, by content type, for a caller who asks for one with Accept. */
  readonly texts?: Readonly<Record<string, (answer: unknown) => string>>;
  /** Bytes of a body of any type, handed on unparsed. */
  readonly rawBodyLimit?: number;
  /** Requests of this route that a process reads and answers at a time; the others are told to come again (429). */
  readonly mostInFlight?: number;
  handle(input: Input<Params, Query, Body> & { readonly caller: Caller }): Promise<unknown>;
}

/** A route that anybody may call. It says so, and takes care of itself. */
interface Public<Params, Query> extends Shape<Params, Query, never> {
  /** Bytes of a body of any type, handed on unparsed. */
  readonly rawBodyLimit?: number;
  /** Requests of this route that a process reads and answers at a time; the others are told to come again (429). */
  readonly mostInFlight?: number;
  /** The content type of an answer that is text; JSON otherwise. */
  readonly text?: string;
  /** Lets the sender in, or throws; before the body is read. */
  admit?(deps: HttpDeps, head: RawRequest, whenOver: WhenOver): Promise<unknown>;
  handle(input: Input<Params, Query, never>): Promise<unknown>;
}

/** A route that answers with events for as long as the caller listens. `response` is what each event's data holds. */
interface Streaming<Params, Query> extends Shape<Params, Query, never> {
  readonly method: 'get';
  readonly permission: Permission;
  /** `signal` aborts when the caller leaves or the server closes. */
  handle(
    input: Input<Params, Query, never> & { readonly caller: Caller; readonly signal: AbortSignal },
  ): AsyncIterable<ServerEvent>;
}

/** A route that answers with the bytes of a file. `response` stands for them in the documentation. */
interface Filing<Params, Query> extends Omit<Shape<Params, Query, never>, 'response'> {
  readonly method: 'get';
  readonly permission: Permission;
  readonly contentType: string;
  handle(input: Input<Params, Query, never> & { readonly caller: Caller }): Promise<Uint8Array>;
}

/** A route as the server mounts and documents it. */
export interface Route {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  readonly path: string;
  readonly summary: string;
  readonly permission: Permission | 'public';
  readonly status: 200 | 201 | 202;
  readonly params?: z.ZodType | undefined;
  readonly query?: z.ZodType | undefined;
  readonly body?: z.ZodType | undefined;
  readonly response: z.ZodType;
  readonly etag: boolean;
  readonly texts?: Readonly<Record<string, (answer: unknown) => string>> | undefined;
  readonly rawBodyLimit?: number | undefined;
  readonly mostInFlight?: number | undefined;
  readonly text?: string | undefined;
  /** Lets in who is no person with a key, or throws; before the body is read. Only for public routes. */
  admit?(deps: HttpDeps, head: RawRequest, whenOver: WhenOver): Promise<unknown>;
  /** True for a route that a standard describes and `/openapi.json` does not. */
  readonly undocumented?: boolean;
  run(
    deps: HttpDeps,
    caller: Caller | null,
    request: RawRequest,
    reply: ReplyHead,
  ): Promise<unknown>;
  /** In the place of `run`, for a route that answers with events. */
  readonly events?: (
    deps: HttpDeps,
    caller: Caller,
    request: RawRequest,
    signal: AbortSignal,
  ) => AsyncIterable<ServerEvent>;
}

/** Declares a route for signed-in callers: its permission is checked before anything of the request is parsed. */
export function defineRoute<Params, Query, Body>(shape: Guarded<Params, Query, Body>): Route {
  return {
    ...shape,
    status: shape.status ?? 200,
    etag: shape.etag ?? false,
    run: async (deps, caller, request, reply) => {
      if (caller === null) throw new InternalError(`${shape.path} was reached without a caller.`);
      const input = parseInput(shape, request);
      return answerOf(shape, await shape.handle({ deps, caller, request, reply, ...input }));
    },
  };
}

/** Declares a route for signed-in callers that answers with server-sent events. */
export function defineEventRoute<Params, Query>(shape: Streaming<Params, Query>): Route {
  return {
    ...shape,
    status: 200,
    etag: false,
    text: 'text/event-stream',
    run: () => Promise.reject(new InternalError(`${shape.path} answers with events.`)),
    events: async function* (deps, caller, request, signal) {
      const input = parseInput(shape, request);
      const reply = { status: 200, headers: {} };
      for await (const event of shape.handle({ deps, caller, request, reply, signal, ...input }))
        yield { ...event, data: answerOf(shape, event.data) };
    },
  };
}

/** Declares a route for signed-in callers that answers with a file. */
export function defineFileRoute<Params, Query>(shape: Filing<Params, Query>): Route {
  const documented = { ...shape, response: z.string().meta({ format: 'binary' }) };
  return {
    ...documented,
    status: 200,
    etag: false,
    text: shape.contentType,
    run: async (deps, caller, request, reply) => {
      if (caller === null) throw new InternalError(`${shape.path} was reached without a caller.`);
      const input = parseInput(documented, request);
      return Buffer.from(await shape.handle({ deps, caller, request, reply, ...input }));
    },
  };
}

/** Declares a route that anybody may call. */
export function definePublicRoute<Params, Query>(shape: Public<Params, Query>): Route {
  return {
    ...shape,
    permission: 'public',
    status: shape.status ?? 200,
    etag: false,
    run: async (deps, _caller, request, reply) => {
      const input = parseInput(shape, request);
      return answerOf(shape, await shape.handle({ deps, request, reply, ...input }));
    },
  };
}

const NOTHING = z.strictObject({});

function parseInput<Params, Query, Body>(shape: Shape<Params, Query, Body>, request: RawRequest) {
  const { params = NOTHING, query = NOTHING, body = z.unknown() } = shape;
  const parts = [
    ['path', params.safeParse(request.params)],
    ['query', query.safeParse(request.query)],
    ['body', body.safeParse(request.body)],
  ] as const;
  const problems = parts.flatMap(([where, result]) =>
    result.success ? [] : problemsOf(where, result.error),
  );
  if (problems.length > 0) {
    throw new ValidationError('The request does not fit what is taken here.', {
      details: { problems },
    });
  }
  // Each part has passed its own schema, or would have been reported above.
  return {
    params: parts[0][1].data as Params,
    query: parts[1][1].data as Query,
    body: parts[2][1].data as Body,
  };
}

function problemsOf(where: string, error: z.ZodError) {
  return error.issues.map((issue) => ({
    pointer: [where === 'body' ? '' : where, ...issue.path].map(String).join('/') || '/',
    code: issue.code,
    message: issue.message,
  }));
}

function answerOf(
  shape: { readonly path: string; readonly response: z.ZodType },
  result: unknown,
): unknown {
  const parsed = shape.response.safeParse(jsonable(result));
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues
    .map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    .join('; ');
  throw new InternalError(`The answer of ${shape.path} is not what it declares: ${where}`);
}

/** An error of the protocol itself, before any flow was asked. */
export function protocolError(status: number, code: string, message: string): HubError {
  return new HubError(message, { status, code, retryable: status === 429 });
}
