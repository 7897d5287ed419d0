import type { JsonObject } from '../../../src/sdk/kernel.ts';
import type { TwinField, TwinObject } from './schema.ts';
import { isWritable } from './validate.ts';

const SOAP_TYPE: Readonly<Partial<Record<TwinField['type'], string>>> = {
  id: 'tns:ID',
  reference: 'tns:ID',
  double: 'xsd:double',
  currency: 'xsd:double',
  int: 'xsd:int',
  date: 'xsd:date',
  datetime: 'xsd:dateTime',
  boolean: 'xsd:boolean',
};

function describeField(object: TwinObject, field: TwinField): JsonObject {
  return {
    name: field.name,
    label: field.label,
    type: field.type,
    soapType: SOAP_TYPE[field.type] ?? 'xsd:string',
    length: field.type === 'id' || field.type === 'reference' ? 18 : field.length,
    createable: isWritable(object, field, 'create'),
    updateable: isWritable(object, field, 'update'),
    nillable: !field.required && field.type !== 'id' && field.type !== 'boolean',
    defaultedOnCreate: field.type === 'boolean',
    custom: field.custom,
    externalId: field.externalId,
    unique: field.externalId,
    caseSensitive: field.externalId,
    idLookup: field.externalId || field.type === 'id',
    referenceTo: field.referenceTo === null ? [] : [field.referenceTo],
    relationshipName: field.relationshipName,
    picklistValues: field.picklist.map((value) => ({
      value,
      label: value,
      active: true,
      defaultValue: false,
    })),
  };
}

function summary(object: TwinObject, version: string): JsonObject {
  const writable = object.fields.values().some((field) => isWritable(object, field, 'create'));
  const base = `/services/data/${version}/sobjects/${object.name}`;
  return {
    name: object.name,
    label: object.name,
    keyPrefix: object.prefix,
    custom: false,
    queryable: true,
    createable: writable,
    updateable: writable,
    deletable: writable,
    urls: { sobject: base, describe: `${base}/describe`, rowTemplate: `${base}/{ID}` },
  };
}

/** `GET /sobjects`. */
export function describeAll(objects: Iterable<TwinObject>, version: string): JsonObject {
  return {
    encoding: 'UTF-8',
    maxBatchSize: 200,
    sobjects: [...objects].map((object) => summary(object, version)),
  };
}

/** `GET /sobjects/{type}/describe`. */
export function describeOne(object: TwinObject, version: string): JsonObject {
  const fields = object.fields
    .values()
    .map((field) => describeField(object, field))
    .toArray();
  return { ...summary(object, version), fields, childRelationships: [], recordTypeInfos: [] };
}
