import * as z from 'zod';
import type { Json, JsonObject } from '../../../src/sdk/kernel.ts';
import type { TwinReply, TwinRequest } from '../../../src/sdk/twin-kit/exchange.ts';
import type { MutationResult, Mutations } from './mutations.ts';
import { rowRenderer } from './render.ts';
import type { TwinObject } from './schema.ts';
import type { TwinRecord, TwinState } from './state.ts';
import { validate } from './validate.ts';
import { vendorError, VendorRefusal, type VendorError } from './vendor-error.ts';

const WRITE_LIMIT = 200;
const READ_LIMIT = 2000;

const Item = z.looseObject({ attributes: z.object({ type: z.string() }) });
const WriteBody = z.object({ allOrNone: z.boolean().default(false), records: z.array(Item) });
const RetrieveBody = z.object({ ids: z.array(z.string()), fields: z.array(z.string()) });

/** One item of a call: what it would do, and what the vendor has against it. */
interface Plan {
  readonly errors: readonly VendorError[];
  apply(): MutationResult;
}

export interface Collections {
  create(request: TwinRequest): TwinReply;
  update(request: TwinRequest): TwinReply;
  upsert(request: TwinRequest, objectName: string, fieldName: string): TwinReply;
  remove(request: TwinRequest): TwinReply;
  retrieve(
    ids: readonly string[],
    fields: readonly string[],
    objectName: string,
    version: string,
  ): TwinReply;
  retrieveBody(request: TwinRequest, objectName: string, version: string): TwinReply;
}

export function parseBody<T>(schema: z.ZodType<T>, request: TwinRequest): T {
  try {
    return schema.parse(JSON.parse(request.rawBody.toString('utf8')));
  } catch {
    throw new VendorRefusal(
      400,
      vendorError('JSON_PARSER_ERROR', 'The request body does not have the form of this resource'),
    );
  }
}

/** The records that hold this value in an external id field; more than one is the vendor's 300. */
export function findByExternalId(
  state: TwinState,
  object: TwinObject,
  fieldName: string,
  value: string,
): readonly TwinRecord[] {
  const field = object.fields.get(fieldName);
  if (field === undefined || !(field.externalId || field.type === 'id')) {
    throw new VendorRefusal(
      404,
      vendorError(
        'NOT_FOUND',
        'Provided external ID field does not exist or is not accessible: ' + fieldName,
      ),
    );
  }
  return state.children(object.name, fieldName, value);
}

function tooMany(limit: number, given: number): VendorRefusal {
  return new VendorRefusal(
    400,
    vendorError(
      'EXCEEDED_ID_LIMIT',
      `record limit reached. cannot submit more than ${limit} records in one call: ${given}`,
    ),
  );
}

function itemOf(result: MutationResult, withCreated: boolean): JsonObject {
  if (!result.ok) {
    const errors = result.errors.map((each) => ({
      statusCode: each.code,
      message: each.message,
      fields: each.fields,
    }));
    return { ...(result.id === null ? {} : { id: result.id }), success: false, errors };
  }
  const created = withCreated ? { created: result.created } : {};
  return { id: result.record.id, success: true, errors: [], ...created };
}

const refused = (error: VendorError): Plan => ({
  errors: [error],
  apply: () => ({ ok: false, id: null, errors: [error] }),
});

/** What the items of a call are planned with. */
interface Desk {
  readonly state: TwinState;
  readonly mutations: Mutations;
}

type Planner = (object: TwinObject, fields: JsonObject) => Plan;

function planCreate({ state, mutations }: Desk, object: TwinObject, fields: JsonObject): Plan {
  const errors = validate(state, object, fields, null);
  return { errors, apply: () => mutations.create(object, fields, 'api') };
}

function planUpdate(
  desk: Desk,
  object: TwinObject,
  id: Json | undefined,
  fields: JsonObject,
): Plan {
  if (typeof id !== 'string') {
    return refused(vendorError('MISSING_ARGUMENT', 'Id not specified in an update call'));
  }
  const record = desk.state.get(object.name, id);
  const errors = record === undefined ? [] : validate(desk.state, object, fields, record);
  return { errors, apply: () => desk.mutations.update(object, id, fields, 'api') };
}

function planUpsert(desk: Desk, object: TwinObject, fieldName: string, fields: JsonObject): Plan {
  const { [fieldName]: key, ...rest } = fields;
  if (typeof key !== 'string' || key === '') {
    return refused(vendorError('MISSING_ARGUMENT', `${fieldName} not specified`));
  }
  const [first, second] = findByExternalId(desk.state, object, fieldName, key);
  if (first === undefined) return planCreate(desk, object, fields);
  if (second === undefined) return planUpdate(desk, object, first.id, rest);
  const message = `${fieldName}: more than one record found for external id field: [${first.id}, ${second.id}]`;
  return refused(vendorError('DUPLICATE_EXTERNAL_ID', message));
}

function planRemove({ state, mutations }: Desk, id: string): Plan {
  const object = state.schema.values().find((each) => id.startsWith(each.prefix));
  if (object === undefined) return refused(vendorError('MALFORMED_ID', `malformed id ${id}`));
  return { errors: [], apply: () => mutations.remove(object, id, 'api') };
}

const ROLLED_BACK = vendorError(
  'ALL_OR_NONE_OPERATION_ROLLED_BACK',
  'Record rolled back because not all records were valid and the request was using AllOrNone header',
);

/** Applies the items in order; with all or none, only if nothing stands against any of them. */
function run(plans: readonly (() => Plan)[], allOrNone: boolean, withCreated: boolean): TwinReply {
  const ready = allOrNone ? plans.map((make) => make()) : [];
  if (ready.every((plan) => plan.errors.length === 0)) {
    return { status: 200, body: plans.map((make) => itemOf(make().apply(), withCreated)) };
  }
  const failed = ready.map(({ errors }): MutationResult => ({
    ok: false,
    id: null,
    errors: errors.length > 0 ? errors : [ROLLED_BACK],
  }));
  return { status: 200, body: failed.map((result) => itemOf(result, withCreated)) };
}

function write(desk: Desk, request: TwinRequest, plan: Planner, withCreated = false): TwinReply {
  const body = parseBody(WriteBody, request);
  if (body.records.length > WRITE_LIMIT) throw tooMany(WRITE_LIMIT, body.records.length);
  const plans = body.records.map(({ attributes, ...fields }) => {
    const object = desk.state.object(attributes.type);
    return (): Plan => plan(object, fields as JsonObject);
  });
  return run(plans, body.allOrNone, withCreated);
}

function retrieveRows(
  state: TwinState,
  ids: readonly string[],
  render: (record: TwinRecord) => JsonObject,
  objectName: string,
): TwinReply {
  if (ids.length > READ_LIMIT) throw tooMany(READ_LIMIT, ids.length);
  const rows = ids.map((id): Json => {
    const record = state.get(objectName, id);
    const isThere = record !== undefined && record.values.get('IsDeleted') !== true;
    return isThere ? render(record) : null;
  });
  return { status: 200, body: rows };
}

/** `/composite/sobjects`: many records in one call, an outcome for each. */
export function createCollections(state: TwinState, mutations: Mutations): Collections {
  const desk: Desk = { state, mutations };
  const retrieve: Collections['retrieve'] = (ids, fields, objectName, version) =>
    retrieveRows(state, ids, rowRenderer(state, version, objectName, fields), objectName);
  return {
    create: (request) => write(desk, request, (object, fields) => planCreate(desk, object, fields)),
    update: (request) =>
      write(desk, request, (object, { id, Id, ...fields }) =>
        planUpdate(desk, object, id ?? Id, fields),
      ),
    upsert: (request, objectName, fieldName) => {
      const wrongType = vendorError('INVALID_TYPE', `The type in attributes is not ${objectName}`);
      const plan: Planner = (object, fields) =>
        object.name === objectName
          ? planUpsert(desk, object, fieldName, fields)
          : refused(wrongType);
      return write(desk, request, plan, true);
    },
    remove: (request) => {
      const ids = (request.query.get('ids') ?? '').split(',').filter((id) => id !== '');
      if (ids.length > WRITE_LIMIT) throw tooMany(WRITE_LIMIT, ids.length);
      const plans = ids.map((id) => (): Plan => planRemove(desk, id));
      return run(plans, request.query.get('allOrNone') === 'true', false);
    },
    retrieve,
    retrieveBody: (request, objectName, version) => {
      const { ids, fields } = parseBody(RetrieveBody, request);
      return retrieve(ids, fields, objectName, version);
    },
  };
}
