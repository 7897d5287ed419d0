import { setTimeout as delay } from 'node:timers/promises';
import type { Json, JsonObject } from '../../../src/sdk/kernel.ts';
import type { TwinReply, TwinRequest } from '../../../src/sdk/twin-kit/exchange.ts';
import type { TwinCore } from '../../../src/sdk/twin-kit/twin-core.ts';
import { isObject, parseLossless } from '../lossless-json.ts';
import { changed, commit, erase } from './change.ts';
import { INTEGRATION } from './authors.ts';
import { Refused, RESOURCE } from './problem.ts';
import { presentRecord } from './present.ts';
import { REST_NAMES } from './schema.ts';
import type { RecordType } from './schema-fields.ts';
import { resolveIn, type State, type Stored } from './state.ts';
import { textOf, type Reading } from './values.ts';

export const RECORD_PATH = '/services/rest/record/v1';

interface Target {
  readonly name: string;
  readonly type: RecordType;
  readonly itemType: string | null;
}

function targetOf(state: State, name: string): Target {
  const known = Object.hasOwn(REST_NAMES, name) ? REST_NAMES[name] : undefined;
  const type = known === undefined ? undefined : state.type(known.object);
  if (type === undefined) {
    throw new Refused(404, {
      code: 'NONEXISTENT_ID',
      detail: `Record type '${name}' does not exist.`,
    });
  }
  return { name, type, itemType: known?.itemType ?? null };
}

function bodyOf(request: TwinRequest): JsonObject {
  const refused = new Refused(400, {
    code: 'INVALID_CONTENT',
    detail: 'Error while accessing a resource. The request body is not a valid JSON object.',
  });
  let body: unknown;
  try {
    body = parseLossless(request.rawBody.toString('utf8'));
  } catch {
    throw refused;
  }
  if (!isObject(body)) throw refused;
  return body;
}

/** How undeclared and read-only properties are met: the caller's validation headers, `Error` by default. */
function readingOf(state: State, request: TwinRequest, warnings: string[]): Reading {
  const mode = (request.headers['x-netsuite-propertynamevalidation'] ?? 'Error').toLowerCase();
  const complain = (detail: string, path: string): void => {
    if (mode === 'error')
      throw new Refused(400, {
        code: 'INVALID_CONTENT',
        detail: `Error while accessing a resource. ${detail}`,
        path,
      });
    if (mode === 'warning') warnings.push(detail);
  };
  return {
    resolve: resolveIn(state),
    onUnknown: (path) => complain(`Property ${path} is not defined on this record type.`, path),
    onReadOnly: (path) => complain(`Property ${path} is read-only.`, path),
  };
}

/** The vendor's own defaults of a new record. */
function defaultsOf(core: TwinCore, state: State, target: Target): Readonly<Record<string, Json>> {
  const today = core.clock.now().toISOString().slice(0, 10);
  if (target.type.transaction !== undefined)
    return { tranId: state.nextDocumentNumber(target.type), tranDate: today };
  return target.itemType === null ? {} : { itemType: target.itemType, isInactive: false };
}

/** The vendor warns, and still saves, when a customer's purchase order number was used before. */
function poWarning(state: State, record: Stored): readonly string[] {
  const number = textOf(record.fields['otherRefNum']);
  if (number === null) return [];
  const entity = JSON.stringify(record.fields['entity']);
  const other = state
    .all(record.object)
    .find(
      (known) =>
        known.id !== record.id &&
        known.fields['otherRefNum'] === number &&
        JSON.stringify(known.fields['entity']) === entity,
    );
  return other === undefined
    ? []
    : [`This PO number was used before on ${textOf(other.fields['tranId']) ?? other.id}.`];
}

function noContent(
  url: string,
  target: Target,
  record: Stored,
  warnings: readonly string[],
): TwinReply {
  return {
    status: 204,
    headers: {
      location: `${url}${RECORD_PATH}/${target.name}/${record.id}`,
      ...(warnings.length === 0 ? {} : { 'X-NetSuite-Warning': warnings }),
    },
    body: null,
  };
}

interface Service {
  readonly core: TwinCore;
  readonly state: State;
  readonly url: string;
}

function save(
  service: Service,
  request: TwinRequest,
  target: Target,
  before: Stored | undefined,
  externalId: string | null,
): TwinReply {
  const { core, state } = service;
  const warnings: string[] = [];
  const body = bodyOf(request);
  const named = externalId === null ? body : { ...body, externalId };
  const given = textOf(named['externalId']);
  const holder = given === null ? undefined : state.byExternalId(target.type.object, given);
  if (holder !== undefined && holder.id !== before?.id) {
    throw new Refused(400, { code: 'DUP_RCRD', detail: 'Error while accessing a resource. A record with the same external ID already exists.', path: 'externalId' }); // prettier-ignore
  }
  const replaceLines = (request.query.get('replace') ?? '').split(',').includes('item');
  const options = {
    reading: readingOf(state, request, warnings),
    replaceLines,
    defaults: defaultsOf(core, state, target),
  };
  const after = changed(state, target.type, before, before?.id ?? state.nextId(), named, options);
  commit(core, state, after, INTEGRATION);
  core.oracle.record({
    object: target.type.object,
    externalId: textOf(after.fields['externalId']),
    intentId: textOf(after.fields['custbody_trueup_intent']),
    operation: before === undefined ? 'create' : 'update',
    body,
  });
  return noContent(service.url, target, after, [...warnings, ...poWarning(state, after)]);
}

function lookUp(state: State, target: Target, key: string): Stored | undefined {
  const { object } = target.type;
  const found = key.startsWith('eid:')
    ? state.byExternalId(object, key.slice(4))
    : state.get(object, key);
  const fits = target.itemType === null || found?.fields['itemType'] === target.itemType;
  return fits ? found : undefined;
}

function found(state: State, target: Target, key: string): Stored {
  const record = lookUp(state, target, key);
  if (record !== undefined) return record;
  throw new Refused(404, { code: 'NONEXISTENT_ID', detail: `Error while accessing a resource. The record instance does not exist. Provide a valid record instance ID.` }); // prettier-ignore
}

function numberOf(query: URLSearchParams, name: string, fallback: number): number {
  const text = query.get(name) ?? String(fallback);
  const value = /^\d{1,9}$/.test(text) ? Number(text) : -1;
  if (value >= 0) return value;
  throw new Refused(400, {
    code: 'INVALID_PARAMETER',
    detail: `Invalid value "${text}".`,
    query: name,
  });
}

/** A list gives ids and links, never fields. */
function listReply(service: Service, target: Target, query: URLSearchParams): TwinReply {
  const limit = numberOf(query, 'limit', 1000);
  const offset = numberOf(query, 'offset', 0);
  const all = service.state
    .all(target.type.object)
    .filter((record) => target.itemType === null || record.fields['itemType'] === target.itemType);
  const href = (id: string): string => `${service.url}${RECORD_PATH}/${target.name}/${id}`;
  const items = all
    .slice(offset, offset + limit)
    .map(({ id }) => ({ links: [{ rel: 'self', href: href(id) }], id }));
  const body = {
    links: [{ rel: 'self', href: `${service.url}${RECORD_PATH}/${target.name}` }],
    items, count: items.length, hasMore: offset + items.length < all.length, offset, totalResults: all.length,
  }; // prettier-ignore
  return {
    status: 200,
    headers: { 'content-type': `${RESOURCE}; type=collection; charset=UTF-8` },
    body,
  };
}

function removal(service: Service, target: Target, record: Stored): TwinReply {
  const { core, state } = service;
  erase(core, state, record, INTEGRATION);
  core.oracle.record({
    object: target.type.object,
    externalId: textOf(record.fields['externalId']),
    intentId: null,
    operation: 'delete',
    body: {},
  });
  return { status: 204, body: null };
}

function answer(
  service: Service,
  request: TwinRequest,
  target: Target,
  key: string | undefined,
): TwinReply {
  const { state } = service;
  const { method, query } = request;
  if (key === undefined) {
    if (method === 'GET') return listReply(service, target, query);
    if (method === 'POST') return save(service, request, target, undefined, null);
  } else if (method === 'GET') {
    const expand = query.get('expandSubResources') === 'true';
    const body = presentRecord(
      state,
      `${service.url}${RECORD_PATH}/${target.name}`,
      found(state, target, key),
      expand,
    );
    return {
      status: 200,
      headers: { 'content-type': `${RESOURCE}; type=singular; charset=UTF-8` },
      body,
    };
  } else if (method === 'PATCH') {
    return save(service, request, target, found(state, target, key), null);
  } else if (method === 'DELETE') {
    return removal(service, target, found(state, target, key));
  } else if (method === 'PUT') {
    if (!key.startsWith('eid:'))
      return save(service, request, target, found(state, target, key), null);
    return save(service, request, target, lookUp(state, target, key), key.slice(4));
  }
  throw new Refused(405, {
    code: 'METHOD_NOT_ALLOWED',
    detail: `${method} is not allowed on this resource.`,
  });
}

function isCreate(service: Service, request: TwinRequest, target: Target, key: string): boolean {
  if (request.method === 'POST') return key === '';
  const isUpsert = request.method === 'PUT' && key.startsWith('eid:');
  return isUpsert && lookUp(service.state, target, key) === undefined;
}

const SLOW_MS = 36_000;

/**
 * The record service below `/services/rest/record/v1`. Throws `Refused` as the vendor refuses. Under `slow_create` a
 * create is answered late; it is applied at once, or with `{ "apply": "late" }` only when the answer comes.
 */
export async function recordReply(
  service: Service,
  request: TwinRequest,
  denied: ReadonlySet<string>,
): Promise<TwinReply> {
  const [name = '', key = ''] = request.path
    .slice(RECORD_PATH.length + 1)
    .split('/')
    .map(decodeURIComponent);
  const target = targetOf(service.state, name);
  const { object, title } = target.type;
  if (denied.has(object)) {
    throw new Refused(403, { code: 'INSUFFICIENT_PERMISSION', detail: `Permission Violation: You need a higher level of the '${title}' permission to access this page.` }); // prettier-ignore
  }
  const slow = isCreate(service, request, target, key)
    ? service.core.faults.fires('slow_create', object)
    : undefined;
  const run = (): TwinReply => answer(service, request, target, key === '' ? undefined : key);
  if (slow === undefined) return run();
  if (slow.with?.['apply'] === 'late') {
    await delay(slow.delayMs ?? SLOW_MS);
    return run();
  }
  const reply = run();
  await delay(slow.delayMs ?? SLOW_MS);
  return reply;
}
