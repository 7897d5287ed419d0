import { describe, expect, test } from '@jest/globals';
import { coverageOf } from './coverage.ts';
import { MappingDocument } from './language/mapping-document.ts';

const rows = (...names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, { value: 'x' }]));

const outbound = (...names: readonly string[]) =>
  MappingDocument.parse({
    id: 'own.order',
    version: 1,
    source: { object: 'outboundOrder' },
    target: { connection: 'netsuite', object: 'salesOrder' },
    fields: rows(...names),
  });

const there = (connection: string, needed: readonly string[], object = 'salesOrder') => ({
  connection,
  connector: 'netsuite',
  object,
  needed,
});

describe('how far a mapping covers its target', () => {
  test('inbound, the fields that a fact cannot do without count, whatever systems describe', () => {
    const document = MappingDocument.parse({
      id: 'own.account',
      version: 1,
      source: { connection: 'salesforce', object: 'Account' },
      target: { object: 'organization' },
      fields: rows('externalRef'),
    });
    const { required, mapped, missing } = coverageOf(document, []) ?? {
      required: 0,
      mapped: 0,
      missing: [],
    };

    expect(required).toBeGreaterThan(1);
    expect(mapped).toBe(1);
    expect(missing).toContain('legalName');
    expect(missing).toHaveLength(required - 1);
  });

  test('outbound, it is unknown until a connection that it is for has described the object', () => {
    expect(coverageOf(outbound('entity'), [])).toBeNull();
    expect(coverageOf(outbound('entity'), [there('netsuite', ['id'], 'customer')])).toBeNull();
    expect(
      coverageOf(outbound('entity'), [{ ...there('crm', ['entity']), connector: 'salesforce' }]),
    ).toBeNull();
  });

  test('outbound, what any of its connections needs counts once', () => {
    const described = [
      there('erp-eu', ['entity', 'subsidiary']),
      there('erp-us', ['entity', 'tax']),
    ];

    expect(coverageOf(outbound('entity', 'tax'), described)).toEqual({
      required: 3,
      mapped: 2,
      missing: ['subsidiary'],
    });
  });

  test('a row of a part fills the whole, and the row of a list its items', () => {
    const described = [there('netsuite', ['entity', 'item.items.rate'])];

    expect(coverageOf(outbound('entity.id', 'item'), described)).toEqual({
      required: 2,
      mapped: 2,
      missing: [],
    });
    expect(coverageOf(outbound('entityId'), described)?.missing).toEqual([
      'entity',
      'item.items.rate',
    ]);
  });
});
