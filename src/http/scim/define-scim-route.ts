import * as z from 'zod';
import { admitPush, auditRefusedPush } from '../../app/flows/admit-push.ts';
import { HubError, UnauthenticatedError } from '../../kernel/errors.ts';
import type { Json, JsonObject } from '../../kernel/hash.ts';
import type { DirectoryCaller } from '../../security/directory-tokens.ts';
import type { HttpDeps, RawRequest, ReplyHead, Route } from '../define-route.ts';
import { createRefusalLimit } from '../refusal-limit.ts';
import type { WhenOver } from '../when-over.ts';
import { createBodyPlaces } from './body-places.ts';
import { scimError } from './scim-error.ts';
import { createTokenRate } from './token-rate.ts';
import { createTurns } from './turns.ts';

export const SCIM_BASE = '/scim/v2';
const BODY_LIMIT = 1024 * 1024;
/** Refused requests of one sender and minute that are audited. One with a token always passes. */
const REFUSALS_A_MINUTE = 10;
/** Providers send some 25 requests a second; a first load may come in a burst. */
const PACE = { burst: 300, perSecond: 50 };
/** A request may hold a connection of the store for seconds: pushes of a directory wait for one another. */
const TURNS = { atOnce: 3, waiting: 250 };
/** Bodies of one token that are held at a time, a megabyte each; some are read while others have their turn. */
const MOST_BODIES = 8;

const refusals = createRefusalLimit(REFUSALS_A_MINUTE, () => performance.now());
const rate = createTokenRate(PACE, () => performance.now());
const turns = createTurns(TURNS);
const bodies = createBodyPlaces(MOST_BODIES);

/** A request of an identity provider whose token is known. */
export interface ScimInput {
  readonly deps: HttpDeps;
  readonly caller: DirectoryCaller;
  readonly request: RawRequest;
  readonly reply: ReplyHead;
  /** The `{id}` of the address; empty where there is none. */
  readonly id: string;
  /** The address of the endpoint, as the provider reached it. */
  readonly base: string;
  /** The query of the address. */
  readonly query: JsonObject;
}

interface ScimRoute {
  readonly method: Route['method'];
  /** Below `/scim/v2`. */
  readonly path: string;
  readonly summary: string;
  readonly status?: Route['status'];
  /** True if it takes a body. */
  readonly takesBody?: boolean;
  /** The answer's body; null for none. */
  handle(input: ScimInput): Promise<JsonObject | null>;
}

/** Declares a route of the SCIM endpoint: not open to all, but to who holds a directory's token. */
export function defineScimRoute(shape: ScimRoute): Route {
  return {
    method: shape.method,
    path: `${SCIM_BASE}${shape.path}`,
    summary: shape.summary,
    permission: 'public',
    status: shape.status ?? 200,
    response: z.string(),
    etag: false,
    text: 'application/scim+json',
    undocumented: true,
    admit: async (deps, request, whenOver) => {
      const caller = await admit(deps, request);
      if (shape.takesBody === true) holdBody(caller, whenOver);
      return caller;
    },
    ...(shape.takesBody === true ? { rawBodyLimit: BODY_LIMIT } : {}),
    run: async (deps, _caller, request, reply) => {
      const caller = request.admitted as DirectoryCaller;
      const input: ScimInput = {
        deps,
        caller,
        request,
        reply,
        id: idOf(request.params),
        base: baseOf(request),
        query: queryOf(request.query),
      };
      const answered = await turns.run(caller.tenantId, () => shape.handle(input));
      if (answered === null) throw tooFast(1);
      return answered.value === null ? '' : JSON.stringify(answered.value);
    },
  };
}

async function admit(deps: HttpDeps, request: RawRequest): Promise<DirectoryCaller> {
  const { authorization } = request.headers;
  const given = typeof authorization === 'string' ? authorization : '';
  const [, token = ''] = /^Bearer ([\x21-\x7e]{1,400})$/i.exec(given) ?? [];
  try {
    const caller = await admitPush(deps, token);
    const wait = rate.take(`${caller.tenantId}/${caller.tokenId}`);
    if (wait > 0) throw tooFast(wait);
    return caller;
  } catch (error) {
    if (!(error instanceof UnauthenticatedError)) throw error;
    const sender = request.remoteAddress;
    if (!refusals.isReached(sender)) {
      refusals.count(sender);
      await auditRefusedPush(deps, { token, remote: sender });
    }
    throw error;
  }
}

/** Takes one of the token's places before the body is read, and leaves it when the request is over. Throws a 429. */
function holdBody({ tenantId, tokenId }: DirectoryCaller, whenOver: WhenOver): void {
  const leave = bodies.enter(`${tenantId}/${tokenId}`);
  if (leave === null) throw tooFast(1);
  whenOver(leave);
}

function tooFast(seconds: number): HubError {
  return new HubError('Too many requests of this token. Slow down.', {
    status: 429,
    code: 'too_many_requests',
    retryable: true,
    details: { retryAfterSeconds: seconds },
  });
}

/** Whatever else an id holds, it is none of ours: the answer is that there is no such resource. */
function idOf(params: unknown): string {
  const id = z.object({ id: z.string() }).safeParse(params);
  if (!id.success) return '';
  if (/^[\w:.-]{1,150}$/.test(id.data.id)) return id.data.id;
  throw scimError(404, null, 'There is no resource of that id.');
}

function baseOf({ headers }: RawRequest): string {
  const host = typeof headers['host'] === 'string' ? headers['host'] : '';
  const scheme = headers['x-forwarded-proto'] === 'https' ? 'https' : 'http';
  return /^[\w.:[\]-]{1,255}$/.test(host) ? `${scheme}://${host}${SCIM_BASE}` : SCIM_BASE;
}

function queryOf(query: unknown): JsonObject {
  const entries = Object.entries(query ?? {}) as [string, Json][];
  return Object.fromEntries(entries.map(([key, value]) => [key, value]));
}
