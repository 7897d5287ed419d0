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
import { protocolError, type HttpDeps, type RawRequest, type Route } from './define-route.ts';
import { problemOf } from './problem.ts';

const JSON_LIMIT = 1024 * 1024;

/** The API as an Express application. Every route that is mounted has declared its permission, or that it is public. */
export function createApp(deps: HttpDeps, routes: readonly Route[]): express.Express {
  const app = express();
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
    app[route.method](expressPath(route.path), ...handlersOf(deps, route));
  app.use((request) => {
    throw new NotFoundError(
      `There is nothing at ${request.method} ${request.path}. The API is described at /openapi.json.`,
    );
  });
  app.use(sendProblem(deps));
  return app;
}

/** `/plans/{id}:approve` as the router wants it: `/plans/:id\:approve`. */
export function expressPath(path: string): string {
  return path.replaceAll(':', '\\:').replaceAll(/\{(\w+)\}/g, ':$1');
}

function handlersOf(deps: HttpDeps, route: Route): RequestHandler[] {
  return [signIn(deps, route), ...bodyParsers(route), answer(deps, route)];
}

/** Sign-in and permission come before the body is read: a stranger's megabyte is never parsed. */
function signIn(deps: HttpDeps, route: Route): RequestHandler {
  return async (request, response, next) => {
    if (route.permission !== 'public') {
      const caller = await authenticate(deps.store, bearerOf(request));
      requirePermission(caller, route.permission);
      response.locals['caller'] = caller;
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
    const reply = { status: route.status as number, headers: {} };
    const caller = (response.locals['caller'] as Caller | undefined) ?? null;
    const result = await route.run(deps, caller, rawRequest(request), reply);
    response.set(reply.headers);
    response.set('cache-control', 'no-store');
    if (route.text !== undefined)
      return void response.status(reply.status).type(route.text).send(result);
    const body = JSON.stringify(result);
    if (route.etag) {
      const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`;
      response.set('etag', etag).set('cache-control', 'private, no-cache');
      if (
        request
          .get('if-none-match')
          ?.split(/\s*,\s*/)
          .includes(etag) === true
      )
        return void response.status(304).end();
    }
    return void response.status(reply.status).type('application/json').send(body);
  };
}

function rawRequest(request: Request): RawRequest {
  return {
    params: { ...request.params },
    query: request.query,
    body: request.body as unknown,
    headers: request.headers,
    remoteAddress: request.socket.remoteAddress ?? '',
  };
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
        path: request.path,
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
    const problem = problemOf(thrown, { id, path: request.path });
    if (problem.status >= 500 && problem.code === 'internal_error') {
      const stack = thrown instanceof Error ? thrown.stack : undefined;
      deps.logger.error('request failed', {
        request: id,
        method: request.method,
        path: request.path,
        error: messageOf(thrown),
        stack,
      });
    } else if (problem.status === 401 || problem.status === 403) {
      deps.logger.warn('request refused', {
        request: id,
        method: request.method,
        path: request.path,
        status: problem.status,
        remote: request.socket.remoteAddress,
      });
    }
    if (problem.status === 401) response.set('www-authenticate', 'Bearer realm="trueup"');
    if (problem.status === 429) response.set('retry-after', '60');
    response
      .status(problem.status)
      .set('cache-control', 'no-store')
      .type('application/problem+json')
      .send(JSON.stringify(problem));
  };
}
