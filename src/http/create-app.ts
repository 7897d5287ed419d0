import { createHash, randomUUID } from 'node:crypto';
import express, {
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import helmet from 'helmet';
import { messageOf, NotFoundError, UnauthenticatedError } from '../kernel/errors.ts';
import { authenticate } from '../security/authenticate.ts';
import { requirePermission, type Caller } from '../security/caller.ts';
import {
  protocolError,
  type HttpDeps,
  type RawRequest,
  type ReplyHead,
  type Route,
} from './define-route.ts';
import { limitInFlight } from './limit-in-flight.ts';
import { createListenerLimit, type ListenerLimit } from './listener-limit.ts';
import { problemOf, type Problem } from './problem.ts';
import { isScimPath, retryAfterOf, scimErrorBody } from './scim/scim-error.ts';
import { sendEvents } from './server-events.ts';
import { whenOver } from './when-over.ts';

const JSON_LIMIT = 1024 * 1024;

/** No stream of events lasts longer; its client comes back, and its key is looked at again. */
const LONGEST_STREAM_MS = 15 * 60_000;

/**
 * The API as an Express application. Every route that is mounted has declared its permission, or that it is public.
 * Streams of events end when `closing` aborts. `pages` answers browsers, behind the routes.
 */
export function createApp(
  deps: HttpDeps,
  routes: readonly Route[],
  closing: AbortSignal = new AbortController().signal,
  pages: RequestHandler | null = null,
): express.Express {
  const app = express();
  const limit = createListenerLimit();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('case sensitive routing', true);
  app.set('strict routing', true);
  app.use(
    helmet({
      contentSecurityPolicy: { directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    }),
  );
  app.use(nameRequest);
  app.use(logRequest(deps));
  for (const route of routes)
    app[route.method](expressPath(route.path), ...handlersOf(deps, route, { closing, limit }));
  if (pages !== null) app.use(pages);
  app.use((request) => {
    throw new NotFoundError(
      `There is nothing at ${request.method} ${shownPath(request.path)}. The API is described at /openapi.json.`,
    );
  });
  app.use(sendProblem(deps));
  return app;
}

/** `/plans/{id}:approve` as the router wants it: `/plans/:id\:approve`. */
export function expressPath(path: string): string {
  return path.replaceAll(':', '\\:').replaceAll(/\{(\w+)\}/g, ':$1');
}

interface Streams {
  readonly closing: AbortSignal;
  readonly limit: ListenerLimit;
}

function handlersOf(deps: HttpDeps, route: Route, streams: Streams): RequestHandler[] {
  const { events } = route;
  const last = events === undefined ? answer(deps, route) : answerEvents(deps, events, streams);
  return [signIn(deps, route), ...limitInFlight(route.mostInFlight), ...bodyParsers(route), last];
}

/** Sign-in and permission come before the body is read: a stranger's megabyte is never parsed. */
function signIn(deps: HttpDeps, route: Route): RequestHandler {
  return async (request, response, next) => {
    if (route.permission !== 'public') {
      const caller = await authenticate(deps.store, bearerOf(request));
      requirePermission(caller, route.permission);
      response.locals['caller'] = caller;
    } else if (route.admit !== undefined) {
      const over = whenOver(response);
      response.locals['admitted'] = await route.admit(deps, rawRequest(request), over);
      // Who has left meanwhile gets no answer, so nothing is done for them.
      if (response.closed) return;
    }
    next();
  };
}

function bearerOf(request: Request): string {
  const [, token] = /^Bearer ([\x21-\x7e]{1,400})$/i.exec(request.get('authorization') ?? '') ?? [];
  if (token !== undefined) return token;
  throw new UnauthenticatedError(
    'Send an API key with each request, as: Authorization: Bearer tru_…',
  );
}

function bodyParsers(route: Route): RequestHandler[] {
  if (route.rawBodyLimit !== undefined)
    return [express.raw({ type: () => true, limit: route.rawBodyLimit, inflate: false })];
  if (route.body === undefined) return [refuseBody];
  return [
    requireJson,
    express.json({ limit: JSON_LIMIT, type: () => true, inflate: false, reviver: refusePrototype }),
  ];
}

const refuseBody: RequestHandler = (request, _response, next) => {
  const length = Number(request.get('content-length') ?? 0);
  if (length > 0 || request.get('transfer-encoding') !== undefined) {
    throw protocolError(415, 'unsupported_media_type', 'This route takes no body.');
  }
  next();
};

const requireJson: RequestHandler = (request, _response, next) => {
  const type = request.get('content-type') ?? '';
  if (!/^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(type)) {
    throw protocolError(
      415,
      'unsupported_media_type',
      `Send the body as application/json, not as ${JSON.stringify(type.slice(0, 80))}.`,
    );
  }
  next();
};

/** The parser makes a 400 of a SyntaxError; of any other error it would take the members away. */
function refusePrototype(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new SyntaxError('A member is named __proto__.');
  return value;
}

function answer(deps: HttpDeps, route: Route): RequestHandler {
  return async (request, response) => {
    const reply: ReplyHead = { status: route.status, headers: {} };
    const caller = (response.locals['caller'] as Caller | undefined) ?? null;
    const work = route.run(deps, caller, rawRequest(request, response.locals), reply);
    response.locals['work'] = work;
    const result = await work;
    response.set(reply.headers);
    response.set('cache-control', 'no-store');
    if (route.text !== undefined)
      return void response.status(reply.status).type(route.text).send(result);
    const asText = textFor(route, request);
    const body = asText === null ? JSON.stringify(result) : asText.write(result);
    if (route.etag) {
      const digest = createHash('sha256').update(body).digest('base64url').slice(0, 27);
      const etag = reply.headers['etag'] ?? `"${digest}"`;
      response.set('etag', etag).set('cache-control', 'private, no-cache');
      if (
        request
          .get('if-none-match')
          ?.split(/\s*,\s*/)
          .includes(etag) === true
      )
        return void response.status(304).end();
    }
    const type = asText?.type ?? 'application/json';
    return void response.status(reply.status).type(type).send(body);
  };
}

/** The form of the answer that the caller would rather have than JSON; null for JSON. */
function textFor(
  { texts }: Route,
  request: Request,
): { readonly type: string; readonly write: (answer: unknown) => string } | null {
  if (texts === undefined) return null;
  const type = request.accepts(['application/json', ...Object.keys(texts)]);
  const write = type === false ? undefined : texts[type];
  return type === false || write === undefined ? null : { type, write };
}

function answerEvents(
  deps: HttpDeps,
  events: NonNullable<Route['events']>,
  { closing, limit }: Streams,
): RequestHandler {
  return async (request, response) => {
    const caller = response.locals['caller'] as Caller;
    const release = limit.enter(caller.tenantId);
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const signal = AbortSignal.any([gone.signal, closing, AbortSignal.timeout(LONGEST_STREAM_MS)]);
    try {
      await sendEvents(response, events(deps, caller, rawRequest(request), signal));
    } finally {
      release();
    }
  };
}

function rawRequest(request: Request, locals: Response['locals'] = {}): RawRequest {
  return {
    params: { ...request.params },
    query: request.query,
    body: request.body as unknown,
    headers: request.headers,
    remoteAddress: request.socket.remoteAddress ?? '',
    admitted: locals['admitted'] as unknown,
  };
}

/** A path as logs and answers may show it: the address of a vendor's push ends in a secret. */
function shownPath(path: string): string {
  return path.replace(/^(\/hooks\/[^/]*\/).+/s, '$1…');
}

const nameRequest: RequestHandler = (request, response, next) => {
  const given = request.get('x-request-id') ?? '';
  const id = /^[\w.-]{1,64}$/.test(given) ? given : randomUUID();
  response.locals['requestId'] = id;
  response.set('x-request-id', id);
  next();
};

function logRequest(deps: HttpDeps): RequestHandler {
  return (request, response, next) => {
    const started = performance.now();
    response.on('finish', () => {
      const caller = response.locals['caller'] as Caller | undefined;
      deps.logger.debug('request answered', {
        request: String(response.locals['requestId']),
        method: request.method,
        path: shownPath(request.path),
        status: response.statusCode,
        ms: Math.round(performance.now() - started),
        ...(caller === undefined
          ? {}
          : { tenant: caller.tenantId, actor: caller.actor, key: caller.keyId }),
      });
    });
    next();
  };
}

/** Express knows an error handler by its four parameters. */
function sendProblem(deps: HttpDeps) {
  return (thrown: unknown, request: Request, response: Response, next: NextFunction): void => {
    if (response.headersSent) return next(thrown);
    const id = String(response.locals['requestId'] ?? '');
    const problem = problemOf(thrown, { id, path: shownPath(request.path) });
    if (problem.status >= 500 && problem.code === 'internal_error') {
      const stack = thrown instanceof Error ? thrown.stack : undefined;
      deps.logger.error('request failed', {
        request: id,
        method: request.method,
        path: shownPath(request.path),
        error: messageOf(thrown),
        stack,
      });
    } else if (problem.status === 401 || problem.status === 403) {
      deps.logger.warn('request refused', {
        request: id,
        method: request.method,
        path: shownPath(request.path),
        status: problem.status,
        remote: request.socket.remoteAddress,
      });
    }
    if (problem.status === 401) response.set('www-authenticate', 'Bearer realm="trueup"');
    if (problem.status === 429 || problem.status === 503)
      response.set('retry-after', retryAfterOf(thrown));
    response.set('cache-control', 'no-store');
    if (isScimPath(request.path)) return sendScimError(response, problem, thrown);
    response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  };
}

/** SCIM has error bodies of its own; its status and its body say the same. */
function sendScimError(response: Response, problem: Problem, thrown: unknown): void {
  const body = scimErrorBody(problem, thrown);
  if (body.status === '503') response.set('retry-after', retryAfterOf(thrown));
  response.status(Number(body.status)).type('application/scim+json').send(JSON.stringify(body));
}
