import type { Json, JsonObject } from '../../../src/sdk/kernel.ts';
import type { TwinCore } from '../../../src/sdk/twin-kit/twin-core.ts';
import { derivedValues, rollUp } from './derived.ts';
import {
  INTEGRATION_USER,
  trackChanges,
  trackCreation,
  trackedValues,
  userOf,
} from './field-history.ts';
import type { TwinObject } from './schema.ts';
import type { TwinRecord, TwinState } from './state.ts';
import { storedFields, validate } from './validate.ts';
import { vendorError, type VendorError } from './vendor-error.ts';

/** `api`: a client of the vendor's API, seen by the oracle. `person`: somebody at the vendor's own screen. */
export type Origin = 'api' | 'person';

export type MutationResult =
  | { readonly ok: true; readonly record: TwinRecord; readonly created: boolean }
  | { readonly ok: false; readonly id: string | null; readonly errors: readonly VendorError[] };

export interface Mutations {
  create(object: TwinObject, fields: JsonObject, origin: Origin): MutationResult;
  update(object: TwinObject, id: string, fields: JsonObject, origin: Origin): MutationResult;
  remove(object: TwinObject, id: string, origin: Origin): MutationResult;
  /** Takes a record, and what was deleted with it, out of the recycle bin. */
  undelete(object: TwinObject, id: string, origin: Origin): MutationResult;
  /** Deletes a record for good, from the recycle bin or past it. */
  purge(object: TwinObject, id: string, origin: Origin): MutationResult;
  /** Ends a record in favour of another, which takes over all that belonged to it. */
  merge(object: TwinObject, id: string, into: string, origin: Origin): MutationResult;
}

const HISTORY_FIELDS = ['StageName', 'Amount', 'CloseDate'] as const;
const CASCADES: Readonly<Record<string, readonly (readonly [object: string, field: string])[]>> = {
  Opportunity: [
    ['OpportunityLineItem', 'OpportunityId'],
    ['OpportunityHistory', 'OpportunityId'],
    ['OpportunityFieldHistory', 'OpportunityId'],
    ['Quote', 'OpportunityId'],
  ],
  Contract: [['ContractHistory', 'ContractId']],
  Quote: [['QuoteLineItem', 'QuoteId']],
  Order: [['OrderItem', 'OrderId']],
};

const refuse = (id: string | null, ...errors: readonly VendorError[]): MutationResult => ({
  ok: false,
  id,
  errors,
});

/** Numbers that the server gives out, and values that a new record has when nobody says otherwise. */
function defaults(state: TwinState, object: TwinObject, baseCurrency: string): Map<string, Json> {
  const values = new Map<string, Json>();
  const number = (): string => String(state.nextNumber(`number:${object.name}`)).padStart(8, '0');
  if (object.fields.get('CurrencyIsoCode')?.writable === true)
    values.set('CurrencyIsoCode', baseCurrency);
  if (object.name === 'Contract') values.set('Status', 'Draft').set('ContractNumber', number());
  if (object.name === 'Order') values.set('OrderNumber', number()).set('TotalAmount', 0);
  if (object.name === 'OrderItem') values.set('OrderItemNumber', number());
  if (object.name === 'Quote') values.set('QuoteNumber', number()).set('Status', 'Draft');
  if (object.name === 'QuoteLineItem') values.set('LineNumber', number());
  if (object.fields.has('IsActive')) values.set('IsActive', false);
  return values;
}

function probability(record: TwinRecord): number {
  if (record.values.get('IsWon') === true) return 100;
  return record.values.get('IsClosed') === true ? 0 : 50;
}

function addHistory(state: TwinState, record: TwinRecord): void {
  const copied = HISTORY_FIELDS.map((name): [string, Json] => [
    name,
    record.values.get(name) ?? null,
  ]);
  const history = state.object('OpportunityHistory');
  state.insert(
    history,
    new Map<string, Json>([
      ...copied,
      ['OpportunityId', record.id],
      ['Probability', probability(record)],
      ['CurrencyIsoCode', record.values.get('CurrencyIsoCode') ?? null],
      ['CreatedById', record.values.get('OwnerId') ?? null],
    ]),
  );
}

/** A deal with lines keeps the sum of its lines: the vendor ignores an amount that somebody sets. */
function withoutIgnored(state: TwinState, record: TwinRecord, fields: JsonObject): JsonObject {
  const { Amount: _, ...rest } = fields;
  if (record.object.name !== 'Opportunity' || !('Amount' in fields)) return fields;
  return state.children('OpportunityLineItem', 'OpportunityId', record.id).length > 0
    ? rest
    : fields;
}

/** Pushes the hint that an administrator asked for, and tells the witness what a client of the API applied. */
function witness(
  core: TwinCore,
  record: TwinRecord,
  seen: {
    readonly operation: 'create' | 'update' | 'delete';
    readonly body: Json;
    readonly origin: Origin;
  },
): void {
  const { operation, body, origin } = seen;
  const object = record.object.name;
  core.hooks.notify(object, record.id);
  if (origin === 'person') return;
  const text = (name: string): string | null => {
    const value = record.values.get(name);
    return typeof value === 'string' ? value : null;
  };
  const ids = { externalId: text('Trueup_Id__c'), intentId: text('Trueup_Intent__c') };
  core.oracle.record({ object, ...ids, operation, body });
}

function change(
  state: TwinState,
  record: TwinRecord,
  values: ReadonlyMap<string, Json>,
  origin: Origin,
): void {
  const tracked = trackedValues(record);
  const history = (): readonly Json[] =>
    HISTORY_FIELDS.map((name) => record.values.get(name) ?? null);
  const before = history();
  const merged = new Map([...record.values, ...values]);
  state.touch(record, new Map([...values, ...derivedValues(state, record.object.name, merged)]));
  const changed = history().some((value, at) => value !== before[at]);
  if (record.object.name === 'Opportunity' && changed) addHistory(state, record);
  trackChanges(state, record, tracked, authorOf(record, origin));
}

/** A client of the API is its integration user; at the screen it is the owner who works on a record. */
function authorOf(record: TwinRecord, origin: Origin): string {
  return origin === 'api' ? INTEGRATION_USER : userOf(record);
}

function settleParent(state: TwinState, line: TwinRecord, origin: Origin): void {
  const effect = rollUp(state, line);
  if (effect !== null) change(state, effect.parent, effect.values, origin);
}

function find(state: TwinState, object: TwinObject, id: string): TwinRecord | VendorError {
  const record = state.get(object.name, id);
  if (record === undefined) {
    return vendorError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id');
  }
  const isDeleted = record.values.get('IsDeleted') === true;
  return isDeleted ? vendorError('ENTITY_IS_DELETED', 'entity is deleted') : record;
}

function remove(state: TwinState, record: TwinRecord, root = record): void {
  state.bin(record, root, new Map());
  for (const [child, field] of CASCADES[record.object.name] ?? []) {
    for (const each of state.children(child, field, record.id)) remove(state, each, root);
  }
}

/** Everything that refers to the losing record now refers to the other, and says so by its change stamp. */
function reparent(state: TwinState, loser: TwinRecord, winner: TwinRecord): void {
  for (const object of state.schema.values()) {
    const references = object.fields
      .values()
      .filter(
        (field) => field.referenceTo === loser.object.name && field.name !== 'MasterRecordId',
      );
    for (const { name } of references) {
      for (const child of state.children(object.name, name, loser.id))
        state.touch(child, new Map([[name, winner.id]]));
    }
  }
}

function merge(state: TwinState, loser: TwinRecord, winner: TwinRecord): void {
  reparent(state, loser, winner);
  state.bin(loser, loser, new Map([['MasterRecordId', winner.id]]));
  state.touch(winner, new Map());
}

/** What left the recycle bin together: the record, and what its deletion took along. */
function undelete(state: TwinState, record: TwinRecord): void {
  for (const { object, id } of state.deletions.together(record.id)) {
    const each = state.get(object, id);
    if (each === undefined) continue;
    const restored = new Map<string, Json>([['IsDeleted', false]]);
    if (each.object.fields.has('MasterRecordId')) restored.set('MasterRecordId', null);
    state.touch(each, restored);
  }
}

function purge(state: TwinState, record: TwinRecord): void {
  if (record.values.get('IsDeleted') !== true) remove(state, record);
  for (const { object, id } of state.deletions.together(record.id)) {
    const each = state.get(object, id);
    if (each !== undefined) state.purge(each);
  }
}

const notInBin = (id: string): MutationResult =>
  refuse(id, vendorError('UNDELETE_FAILED', 'Entity is not in the recycle bin'));

/** How records leave for good, come back, and become one. */
function createEndings(
  state: TwinState,
  core: TwinCore,
): Pick<Mutations, 'undelete' | 'purge' | 'merge'> {
  return {
    undelete: (object, id, origin) => {
      const record = state.get(object.name, id);
      if (record?.values.get('IsDeleted') !== true) return notInBin(id);
      undelete(state, record);
      settleParent(state, record, origin);
      witness(core, record, { operation: 'update', body: {}, origin });
      return { ok: true, record, created: false };
    },
    purge: (object, id, origin) => {
      const record = state.get(object.name, id);
      if (record === undefined)
        return refuse(id, vendorError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id'));
      purge(state, record);
      settleParent(state, record, origin);
      witness(core, record, { operation: 'delete', body: {}, origin });
      return { ok: true, record, created: false };
    },
    merge: (object, id, into, origin) => {
      const loser = find(state, object, id);
      if ('code' in loser) return refuse(id, loser);
      const winner = find(state, object, into);
      if ('code' in winner) return refuse(into, winner);
      if (loser === winner || !object.fields.has('MasterRecordId'))
        return refuse(id, vendorError('INVALID_OPERATION', `cannot merge ${object.name} ${id}`));
      merge(state, loser, winner);
      witness(core, loser, { operation: 'delete', body: {}, origin });
      witness(core, winner, { operation: 'update', body: {}, origin });
      return { ok: true, record: winner, created: false };
    },
  };
}

/** Creates, updates and deletes records by the vendor's rules: derived fields, roll-ups, history, push hints. */
export function createMutations(state: TwinState, core: TwinCore, baseCurrency: string): Mutations {
  return {
    ...createEndings(state, core),
    create: (object, fields, origin) => {
      const errors = validate(state, object, fields, null);
      if (errors.length > 0) return refuse(null, ...errors);
      const given = storedFields(object, fields);
      const values = new Map([...defaults(state, object, baseCurrency), ...given]);
      const derived = derivedValues(state, object.name, values);
      const record = state.insert(object, new Map([...values, ...derived]));
      if (object.name === 'Opportunity') addHistory(state, record);
      trackCreation(state, record, authorOf(record, origin));
      settleParent(state, record, origin);
      witness(core, record, { operation: 'create', body: fields, origin });
      return { ok: true, record, created: true };
    },
    update: (object, id, fields, origin) => {
      const record = find(state, object, id);
      if ('code' in record) return refuse(id, record);
      const errors = validate(state, object, fields, record);
      if (errors.length > 0) return refuse(record.id, ...errors);
      change(state, record, storedFields(object, withoutIgnored(state, record, fields)), origin);
      settleParent(state, record, origin);
      witness(core, record, { operation: 'update', body: fields, origin });
      return { ok: true, record, created: false };
    },
    remove: (object, id, origin) => {
      const record = find(state, object, id);
      if ('code' in record) return refuse(id, record);
      remove(state, record);
      settleParent(state, record, origin);
      witness(core, record, { operation: 'delete', body: {}, origin });
      return { ok: true, record, created: false };
    },
  };
}
