import { timingSafeEqual } from 'node:crypto';
import type { Json, JsonObject } from '../../../src/sdk/kernel.ts';
import type { TwinHandler, TwinReply, TwinRequest } from '../../../src/sdk/twin-kit/exchange.ts';
import type { TwinCore } from '../../../src/sdk/twin-kit/twin-core.ts';
import { isObject, textOf } from './attribute-path.ts';
import type { Cursors } from './cursors.ts';
import { discover, type Discovery } from './discovery.ts';
import { listResources, project } from './list-resources.ts';
import { patchResource } from './patch-resource.ts';
import { toStrictPatch, type Personality } from './personality.ts';
import type { RateWindow } from './rate-window.ts';
import { readResource } from './read-resource.ts';
import type { ResourceStore } from './resource-store.ts';
import { errorReply, refuse, reply } from './scim-error.ts';
import { resourceTypeOf, type ScimResourceType } from './scim-schemas.ts';
import { refusalOf, shiftRows } from './state-faults.ts';

export interface HandlerOptions {
  readonly core: TwinCore;
  readonly store: ResourceStore;
  readonly discovery: Discovery;
  readonly personality: Personality;
  readonly cursors: Cursors;
  readonly rate: RateWindow;
  /** Undefined once the token has expired: then nobody gets in. */
  readonly token: () => string | undefined;
}

interface Call {
  readonly options: HandlerOptions;
  readonly request: TwinRequest;
  readonly type: ScimResourceType;
  readonly id: string | undefined;
}

function authenticate(request: TwinRequest, token: string | undefined): void {
  const given = Buffer.from(request.headers['authorization'] ?? '');
  const wanted = Buffer.from(`Bearer ${token ?? ''}`);
  const fits = given.length === wanted.length && timingSafeEqual(given, wanted);
  if (token === undefined || !fits)
    throw refuse(401, 'Authorization failure: the bearer token is missing or not valid.');
}

function readBody(request: TwinRequest): JsonObject {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (!['application/scim+json', 'application/json'].includes(type)) {
    throw refuse(415, 'Send application/scim+json.');
  }
  let body: unknown;
  try {
    body = JSON.parse(request.rawBody.toString('utf8'));
  } catch {
    throw refuse(400, 'The body is not JSON.', 'invalidSyntax');
  }
  if (!isObject(body)) throw refuse(400, 'The body is not a JSON object.', 'invalidSyntax');
  return body;
}

const versionOf = (resource: JsonObject): string => {
  const meta = resource['meta'];
  return isObject(meta) ? textOf(meta['version']) : '';
};

const matchesTag = (header: string, version: string): boolean =>
  header === '*' ||
  header.split(',').some((each) => each.trim().replace(/^W\//, '') === version.replace(/^W\//, ''));

function checkIfMatch(request: TwinRequest, resource: JsonObject): void {
  const header = request.headers['if-match'];
  if (header !== undefined && !matchesTag(header, versionOf(resource))) {
    throw refuse(
      412,
      'The resource was changed by somebody else: its version is not the one given.',
    );
  }
}

function answer(call: Call, status: number, resource: JsonObject): TwinReply {
  const meta = isObject(resource['meta']) ? resource['meta'] : {};
  const sent = call.options.personality.present(project(call.type, resource, call.request.query));
  return reply(status, sent, {
    etag: versionOf(resource),
    location: textOf(meta['location']),
  });
}

/** Fills in what the server knows of each member; a member that is no User of this server is refused. */
function withMembers(call: Call, resource: JsonObject): JsonObject {
  const { members } = resource;
  if (call.type.name !== 'Group' || !Array.isArray(members)) return resource;
  const { store, discovery } = call.options;
  const known = new Map(store.all('Users').map((user) => [user['id'], user]));
  const filled = (members as readonly Json[]).map((member) => {
    const value = isObject(member) ? member['value'] : undefined;
    const user = value === undefined ? undefined : known.get(value);
    if (user === undefined)
      throw refuse(400, 'members names a User that does not exist.', 'invalidValue');
    const display = user['displayName'] ?? user['userName'] ?? '';
    return {
      value: textOf(value),
      display,
      type: 'User',
      $ref: `${discovery.basePath}/Users/${textOf(value)}`,
    };
  });
  return { ...resource, members: filled };
}

function witness(
  call: Call,
  operation: 'create' | 'update' | 'delete',
  resource: JsonObject,
): void {
  const { core } = call.options;
  const externalId = resource['externalId'];
  core.oracle.record({
    object: call.type.endpoint,
    externalId: typeof externalId === 'string' ? externalId : null,
    intentId: null,
    operation,
    body: resource,
  });
  core.hooks.notify(call.type.endpoint, textOf(resource['id']));
}

function rotated<Row>(rows: readonly Row[], by: number): readonly Row[] {
  return by === 0 ? rows : [...rows.slice(by), ...rows.slice(0, by)];
}

function list({ options, request, type }: Call): TwinReply {
  const { store, core, discovery, personality, cursors } = options;
  const { endpoint } = type;
  const { query } = request;
  const goesOn = Number(query.get('startIndex') ?? 1) > 1 || (query.get('cursor') ?? '') !== '';
  const outOfOrder = goesOn ? shiftRows(core, store, endpoint) : 0;
  return reply(
    200,
    listResources({
      type,
      rows: rotated(store.all(endpoint), outOfOrder),
      query,
      personality,
      cursors,
      pagination: discovery.pagination,
      maxResults: discovery.maxResults,
      hidden: (id) => core.faults.drops(endpoint, id),
      numberOf: (id) => store.numberOf(endpoint, id),
    }),
  );
}

function create(call: Call): TwinReply {
  const body = withMembers(call, readResource(call.type, readBody(call.request)));
  const made = call.options.store.create(call.type.endpoint, body);
  witness(call, 'create', made);
  return answer(call, 201, made);
}

function read(call: Call, id: string): TwinReply {
  const resource = call.options.store.get(call.type.endpoint, id);
  const known = call.request.headers['if-none-match'];
  if (known !== undefined && matchesTag(known, versionOf(resource)))
    return { status: 304, body: null };
  return answer(call, 200, resource);
}

function change(call: Call, id: string): TwinReply {
  const { store } = call.options;
  const before = store.get(call.type.endpoint, id);
  checkIfMatch(call.request, before);
  const body = readBody(call.request);
  const patch = call.options.personality.lenientPatch ? toStrictPatch(body) : body;
  const next =
    call.request.method === 'PUT'
      ? readResource(call.type, body)
      : patchResource(call.type, before, patch);
  const after = store.replace(call.type.endpoint, id, withMembers(call, next));
  witness(call, 'update', after);
  return answer(call, 200, after);
}

function remove(call: Call, id: string): TwinReply {
  const { store } = call.options;
  checkIfMatch(call.request, store.get(call.type.endpoint, id));
  witness(call, 'delete', store.remove(call.type.endpoint, id));
  return { status: 204, body: null };
}

function dispatch(call: Call): TwinReply {
  const { id, request } = call;
  if (id === undefined) {
    if (request.method === 'GET') return list(call);
    if (request.method === 'POST') return create(call);
  } else {
    if (request.method === 'GET') return read(call, id);
    if (request.method === 'PUT' || request.method === 'PATCH') return change(call, id);
    const isKept = call.type.name === 'User' && !call.options.personality.deletes;
    if (request.method === 'DELETE' && !isKept) return remove(call, id);
  }
  throw refuse(405, `${request.method} is not allowed here.`);
}

function route(options: HandlerOptions, request: TwinRequest): TwinReply {
  const { core, discovery, rate } = options;
  authenticate(request, options.token());
  if (!request.path.startsWith(`${discovery.basePath}/`)) throw refuse(404, 'Not found.');
  const [endpoint = '', rawId, ...rest] = request.path
    .slice(discovery.basePath.length + 1)
    .split('/');
  const refused = refusalOf(core, endpoint, rate.tooMany()) ?? rate.refuse();
  if (refused !== undefined) return refused;
  const id = rawId === undefined || rawId === '' ? undefined : decodeURIComponent(rawId);
  const found = rest.length > 0 ? undefined : discover(endpoint, id, discovery);
  if (found !== undefined && request.method === 'GET') return reply(200, found);
  const type = rest.length > 0 ? undefined : resourceTypeOf(endpoint);
  if (type === undefined) throw refuse(404, 'There is no such endpoint.');
  return dispatch({ options, request, type, id });
}

/** The protocol of RFC 7644 over a resource store, with the habits of one vendor. */
export function createHandler(options: HandlerOptions): TwinHandler {
  const answered = (request: TwinRequest): TwinReply => {
    try {
      return route(options, request);
    } catch (error) {
      return errorReply(error);
    }
  };
  return (request) => {
    const sent = answered(request);
    return { ...sent, headers: { ...options.rate.headers(), ...sent.headers } };
  };
}
