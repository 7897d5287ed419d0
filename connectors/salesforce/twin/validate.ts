import { isLocalDate, type Json, type JsonObject } from '../../../src/sdk/kernel.ts';
import { longId } from '../record-id.ts';
import type { TwinField, TwinObject } from './schema.ts';
import type { TwinRecord, TwinState } from './state.ts';
import { vendorError, type VendorError } from './vendor-error.ts';

/** The server writes these itself. */
const SERVER_MADE = new Set([
  'OpportunityHistory',
  'OpportunityStage',
  'OpportunityFieldHistory',
  'ContractHistory',
  'User',
  'UserLicense',
  'PermissionSetLicense',
]);

/** A line cannot be moved to another parent or product: delete it and make a new one. */
const CREATE_ONLY: Readonly<Record<string, readonly string[]>> = {
  OpportunityLineItem: ['OpportunityId', 'Product2Id', 'PricebookEntryId'],
  OrderItem: ['OrderId', 'Product2Id', 'PricebookEntryId'],
  QuoteLineItem: ['QuoteId', 'Product2Id', 'PricebookEntryId'],
};

export function isWritable(object: TwinObject, field: TwinField, on: 'create' | 'update'): boolean {
  if (!field.writable || SERVER_MADE.has(object.name)) return false;
  return on === 'create' || !(CREATE_ONLY[object.name] ?? []).includes(field.name);
}

function typeFits(field: TwinField, value: Json): boolean {
  switch (field.type) {
    case 'double':
    case 'currency':
      return typeof value === 'number';
    case 'int':
      return Number.isInteger(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'date':
      return typeof value === 'string' && isLocalDate(value);
    case 'datetime':
      return typeof value === 'string' && !Number.isNaN(Date.parse(value));
    case 'id':
    case 'string':
    case 'reference':
    case 'picklist':
    case 'textarea':
      return typeof value === 'string';
  }
}

function checkReference(state: TwinState, field: TwinField, value: Json): VendorError | null {
  if (field.type !== 'reference' || typeof value !== 'string') return null;
  if (!/^[A-Za-z0-9]{15}([A-Za-z0-9]{3})?$/.test(value))
    return vendorError('MALFORMED_ID', `${field.label}: id value of incorrect type: ${value}`, [
      field.name,
    ]);
  const target = field.referenceTo;
  if (target === null || !state.schema.has(target)) return null;
  const record = state.get(target, value);
  if (record?.values.get('IsDeleted') === true)
    return vendorError('ENTITY_IS_DELETED', 'entity is deleted');
  return record === undefined
    ? vendorError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id')
    : null;
}

function checkUnique(
  state: TwinState,
  object: TwinObject,
  field: TwinField,
  value: Json,
  self: TwinRecord | null,
): VendorError | null {
  if (!field.externalId || typeof value !== 'string') return null;
  const other = state.children(object.name, field.name, value).find((each) => each !== self);
  if (other === undefined) return null;
  return vendorError(
    'DUPLICATE_VALUE',
    `duplicate value found: ${field.name} duplicates value on record with id: ${other.id}`,
  );
}

function checkField(
  state: TwinState,
  object: TwinObject,
  [name, value]: readonly [string, Json],
  self: TwinRecord | null,
): VendorError | null {
  const field = object.fields.get(name);
  if (field === undefined)
    return vendorError(
      'INVALID_FIELD',
      `No such column '${name}' on sobject of type ${object.name}`,
    );
  if (!isWritable(object, field, self === null ? 'create' : 'update')) {
    return vendorError(
      'INVALID_FIELD_FOR_INSERT_UPDATE',
      `Unable to create/update fields: ${name}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.`,
      [name],
    );
  }
  if (value === null) {
    return field.required
      ? vendorError('REQUIRED_FIELD_MISSING', `Required fields are missing: [${name}]`, [name])
      : null;
  }
  if (!typeFits(field, value))
    return vendorError(
      'INVALID_TYPE_ON_FIELD_IN_RECORD',
      `${field.label}: value not of required type: ${JSON.stringify(value)}`,
      [name],
    );
  if (field.length > 0 && typeof value === 'string' && value.length > field.length) {
    return vendorError(
      'STRING_TOO_LONG',
      `${field.label}: data value too large: ${value} (max length=${field.length})`,
      [name],
    );
  }
  return checkReference(state, field, value) ?? checkUnique(state, object, field, value, self);
}

function checkCurrency(state: TwinState, fields: JsonObject): VendorError | null {
  const { OpportunityId: opportunityId, PricebookEntryId: entryId } = fields;
  if (typeof opportunityId !== 'string' || typeof entryId !== 'string') return null;
  const wanted = state.get('Opportunity', opportunityId)?.values.get('CurrencyIsoCode');
  const given = state.get('PricebookEntry', entryId)?.values.get('CurrencyIsoCode');
  if (wanted === given) return null;
  return vendorError(
    'FIELD_INTEGRITY_EXCEPTION',
    'field integrity exception: PricebookEntryId (pricebook entry has a different currency code than the opportunity)',
    ['PricebookEntryId'],
  );
}

/** What the vendor has against these fields; `self` is the record that they would update, null for a new one. */
export function validate(
  state: TwinState,
  object: TwinObject,
  fields: JsonObject,
  self: TwinRecord | null,
): readonly VendorError[] {
  if (self === null && SERVER_MADE.has(object.name))
    return [
      vendorError('INVALID_TYPE_FOR_OPERATION', `entity type cannot be inserted: ${object.name}`),
    ];
  for (const entry of Object.entries(fields)) {
    const error = checkField(state, object, entry, self);
    if (error !== null) return [error];
  }
  const missing = self === null ? missingFields(object, fields) : [];
  if (missing.length > 0)
    return [
      vendorError(
        'REQUIRED_FIELD_MISSING',
        `Required fields are missing: [${missing.join(', ')}]`,
        missing,
      ),
    ];
  const currency = object.name === 'OpportunityLineItem' ? checkCurrency(state, fields) : null;
  return currency === null ? [] : [currency];
}

function missingFields(object: TwinObject, fields: JsonObject): readonly string[] {
  const required = object.fields
    .values()
    .filter((field) => field.required)
    .map((field) => field.name)
    .toArray();
  const missing = required.filter((name) => (fields[name] ?? null) === null);
  const isLine = object.name === 'OpportunityLineItem' || object.name === 'OrderItem';
  const hasProduct = fields['PricebookEntryId'] !== undefined || fields['Product2Id'] !== undefined;
  return isLine && !hasProduct ? [...missing, 'PricebookEntryId'] : missing;
}

/** Request values as the state keeps them. */
export function storedFields(object: TwinObject, fields: JsonObject): Map<string, Json> {
  return new Map(
    Object.entries(fields).map(([name, value]): [string, Json] => {
      const type = object.fields.get(name)?.type;
      if (typeof value !== 'string') return [name, value];
      if (type === 'datetime') return [name, Date.parse(value)];
      return [name, type === 'reference' ? longId(value) : value];
    }),
  );
}
