import * as z from 'zod';
import type { JsonObject } from '../../../src/sdk/kernel.ts';
import type { TwinReply, TwinRequest } from '../../../src/sdk/twin-kit/exchange.ts';
import type { BulkJobs } from './bulk-jobs.ts';
import { findByExternalId, parseBody, type Collections } from './collections.ts';
import { compositeReply, failedPrecondition } from './composite.ts';
import { describeAll, describeOne } from './describe.ts';
import type { MutationResult, Mutations } from './mutations.ts';
import type { TwinQueries } from './query.ts';
import { renderWhole, rowRenderer } from './render.ts';
import type { Replication } from './replication.ts';
import type { TwinObject } from './schema.ts';
import type { TwinRecord, TwinState } from './state.ts';
import { refusalReply, vendorError, VendorRefusal } from './vendor-error.ts';

const Fields = z.record(z.string(), z.json());
const VERSIONS = ['65.0', '66.0', '67.0'] as const;

export interface RestDeps {
  readonly state: TwinState;
  readonly mutations: Mutations;
  readonly collections: Collections;
  readonly queries: TwinQueries;
  readonly replication: Replication;
  readonly bulk: BulkJobs;
  readonly apiUsage: () => { readonly used: number; readonly limit: number };
}

interface Call {
  readonly request: TwinRequest;
  readonly version: string;
  /** The path below the version, in parts, percent-decoded. */
  readonly parts: readonly string[];
}

const ok = (body: TwinReply['body']): TwinReply => ({ status: 200, body });

function notFound(): VendorRefusal {
  return new VendorRefusal(404, vendorError('NOT_FOUND', 'The requested resource does not exist'));
}

/** `GET /services/data`, open to everybody. */
export function listVersions(): TwinReply {
  return ok(
    VERSIONS.map((version) => ({
      label: `v${version}`,
      url: `/services/data/v${version}`,
      version,
    })),
  );
}

function settled(
  result: MutationResult,
  success: (record: TwinRecord, created: boolean) => TwinReply,
): TwinReply {
  if (result.ok) return success(result.record, result.created);
  const [error = vendorError('UNKNOWN_EXCEPTION', 'An unexpected error occurred')] = result.errors;
  return refusalReply(400, error);
}

const createdReply = (record: TwinRecord, created: boolean): TwinReply => ({
  status: 201,
  body: { id: record.id, success: true, errors: [], created },
});

function existing(deps: RestDeps, object: TwinObject, id: string): TwinRecord {
  const record = deps.state.get(object.name, id);
  if (record === undefined || record.values.get('IsDeleted') === true) throw notFound();
  return record;
}

function showRecord(deps: RestDeps, call: Call, record: TwinRecord): TwinReply {
  const wanted = call.request.query.get('fields')?.split(',');
  if (wanted === undefined) return ok(renderWhole(deps.state, call.version, record));
  return ok(rowRenderer(deps.state, call.version, record.object.name, wanted)(record));
}

/** One record by the key of an external system: 201 created, 200 updated, 300 when the key is not unique. */
function byExternalId(
  deps: RestDeps,
  call: Call,
  object: TwinObject,
  field: string,
  key: string,
): TwinReply {
  const { request, version } = call;
  const found = findByExternalId(deps.state, object, field, key);
  if (found.length > 1)
    return {
      status: 300,
      body: found.map((each) => `/services/data/${version}/sobjects/${object.name}/${each.id}`),
    };
  const [record] = found;
  if (request.method === 'GET' && record !== undefined) return showRecord(deps, call, record);
  if (request.method === 'GET') throw notFound();
  const fields = parseBody(Fields, request);
  if (record === undefined)
    return settled(deps.mutations.create(object, { ...fields, [field]: key }, 'api'), createdReply);
  return settled(deps.mutations.update(object, record.id, fields, 'api'), (saved) => ({
    ...createdReply(saved, false),
    status: 200,
  }));
}

function oneRecord(deps: RestDeps, call: Call, object: TwinObject, id: string): TwinReply {
  const { request } = call;
  const empty = (): TwinReply => ({ status: 204, body: null });
  switch (request.method) {
    case 'GET':
      return showRecord(deps, call, existing(deps, object, id));
    case 'PATCH':
      return (
        failedPrecondition(request, existing(deps, object, id)) ??
        settled(deps.mutations.update(object, id, parseBody(Fields, request), 'api'), empty)
      );
    case 'DELETE':
      existing(deps, object, id);
      return settled(deps.mutations.remove(object, id, 'api'), empty);
    default:
      throw new VendorRefusal(
        405,
        vendorError('METHOD_NOT_ALLOWED', `HTTP Method '${request.method}' not allowed.`),
      );
  }
}

function sobjects(deps: RestDeps, call: Call): TwinReply {
  const [, name, key, value] = call.parts;
  if (name === undefined) return ok(describeAll(deps.state.schema.values(), call.version));
  if (!deps.state.schema.has(name)) throw notFound();
  const object = deps.state.object(name);
  if (key === 'describe') return ok(describeOne(object, call.version));
  if (key === 'deleted') return ok(deps.replication.deleted(object, call.request.query));
  if (key === 'updated') return ok(deps.replication.updated(object, call.request.query));
  if (value !== undefined) return byExternalId(deps, call, object, key ?? '', value);
  if (key !== undefined) return oneRecord(deps, call, object, key);
  if (call.request.method !== 'POST')
    return ok({ objectDescribe: describeOne(object, call.version), recentItems: [] });
  const fields = parseBody(Fields, call.request);
  return settled(deps.mutations.create(object, fields, 'api'), (record) => ({
    status: 201,
    body: { id: record.id, success: true, errors: [] },
  }));
}

function composite(deps: RestDeps, call: Call): TwinReply {
  const { collections } = deps;
  const { request, version } = call;
  const [, , object, field] = call.parts;
  if (object !== undefined && field !== undefined && request.method === 'PATCH')
    return collections.upsert(request, object, field);
  if (object !== undefined && request.method === 'POST')
    return collections.retrieveBody(request, object, version);
  if (object !== undefined && request.method === 'GET') {
    const list = (name: string): readonly string[] => (request.query.get(name) ?? '').split(',');
    return collections.retrieve(list('ids'), list('fields'), object, version);
  }
  if (object !== undefined) throw notFound();
  if (request.method === 'POST') return collections.create(request);
  if (request.method === 'PATCH') return collections.update(request);
  if (request.method === 'DELETE') return collections.remove(request);
  throw notFound();
}

function limits(deps: RestDeps): JsonObject {
  const { used, limit } = deps.apiUsage();
  return { DailyApiRequests: { Max: limit, Remaining: limit - used } };
}

function route(deps: RestDeps, call: Call): TwinReply {
  const [first, second] = call.parts;
  const { request, version } = call;
  const context = { version, options: request.headers['sforce-query-options'] ?? '' };
  if (first === 'query' && second !== undefined) return ok(deps.queries.more(second, context));
  if (first === 'query' || first === 'queryAll')
    return ok(deps.queries.run(request.query.get('q') ?? '', first === 'queryAll', context));
  if (first === 'sobjects') return sobjects(deps, call);
  if (first === 'composite' && second === 'sobjects') return composite(deps, call);
  if (first === 'composite' && second === undefined && request.method === 'POST')
    return compositeReply(request, (each) => answerRest(deps, each));
  if (first === 'jobs') return deps.bulk.answer(request, version, call.parts.slice(1));
  if (first === 'limits') return ok(limits(deps));
  if (first !== undefined) throw notFound();
  const base = `/services/data/${version}`;
  return ok({
    sobjects: `${base}/sobjects`,
    query: `${base}/query`,
    queryAll: `${base}/queryAll`,
    composite: `${base}/composite`,
    limits: `${base}/limits`,
  });
}

/** Everything below `/services/data/vXX.0` for a live session. */
export function answerRest(deps: RestDeps, request: TwinRequest): TwinReply {
  try {
    const [version = '', ...rest] = request.path.slice('/services/data/'.length).split('/');
    if (!/^v\d{2}\.0$/.test(version)) throw notFound();
    const parts = rest.filter((part) => part !== '').map(decodeURIComponent);
    return route(deps, { request, version, parts });
  } catch (error) {
    if (error instanceof VendorRefusal) return refusalReply(error.status, error.error);
    throw error;
  }
}
