import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_FIELDS } from './package-fields.ts';
import { NEEDED, packageFiles, STATUS } from './package-xml.ts';
import { fieldsOf, STREAMS } from './streams.ts';
import { buildSchema } from './twin/schema.ts';
import { LINE_FIELDS, WRITERS, WRITTEN_FIELDS } from './writers.ts';

describe('the installable package', () => {
  test.each([
    ['package', NEEDED],
    ['package-status', STATUS],
  ])('the files of %s are exactly what the list of fields says', (name, fields) => {
    const folder = join(import.meta.dirname, name);
    const onDisk = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    const found = new Map(
      onDisk.map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]),
    );

    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(packageFiles(fields)));
  });

  test('every object that is written carries both keys', () => {
    for (const { object, externalIdField, intentField } of WRITERS) {
      const own = PACKAGE_FIELDS.filter((field) => field.object === object);

      expect(own.find((field) => field.name === externalIdField)?.externalId).toBe(true);
      expect(own.some((field) => field.name === intentField)).toBe(true);
    }
  });
});

describe('the field lists', () => {
  const schema = buildSchema({
    packages: ['trueup', 'sbqq', 'revenue-cloud'],
    multiCurrency: true,
  });

  test('every field that a stream reads exists in the sandbox', () => {
    const unknown = STREAMS.flatMap(({ name }) =>
      fieldsOf(name).filter(
        (field) => !field.includes('.') && !schema.get(name)?.fields.has(field),
      ),
    );

    expect(unknown).toEqual([]);
  });

  test('every field that is written may be written there', () => {
    const all = { ...WRITTEN_FIELDS, OpportunityLineItem: LINE_FIELDS };
    const refused = Object.entries(all).flatMap(([object, forms]) =>
      Object.keys(forms).filter((name) => schema.get(object)?.fields.get(name)?.writable !== true),
    );

    expect(refused).toEqual(['ProductCode']);
  });

  test('without the package not one of its fields exists', () => {
    const bare = buildSchema({ packages: [], multiCurrency: true });

    expect(
      PACKAGE_FIELDS.filter((field) => bare.get(field.object)?.fields.has(field.name)),
    ).toEqual([]);
  });
});
