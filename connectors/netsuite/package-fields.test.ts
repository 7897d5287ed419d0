import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { PACKAGE_FIELDS } from './package-fields.ts';
import { recordType } from './twin/schema.ts';
import type { TwinField } from './twin/schema-fields.ts';

const OBJECTS = join(import.meta.dirname, 'package', 'Objects');

const ROOTS = { body: 'transactionbodycustomfield', column: 'transactioncolumncustomfield', entity: 'entitycustomfield' } as const; // prettier-ignore
const APPLIES = { body: 'bodysale', column: 'colsale', entity: 'appliestocustomer' } as const;
const TYPES = { text: 'TEXT', date: 'DATE', number: 'FLOAT' } as const;

function xmlOf(name: string): string {
  return readFileSync(join(OBJECTS, `${name}.xml`), 'utf8');
}

describe('the field package', () => {
  test('there is one object file for each declared field, and no other', () => {
    const files = readdirSync(OBJECTS).toSorted();

    expect(files).toEqual(PACKAGE_FIELDS.map(({ name }) => `${name}.xml`).toSorted());
  });

  test.each(PACKAGE_FIELDS)('$name is installed as the connector and the twin know it', (field) => {
    const xml = xmlOf(field.name);
    const root = ROOTS[field.level];

    expect(xml.startsWith(`<${root} scriptid="${field.name}">`)).toBe(true);
    expect(xml.trimEnd().endsWith(`</${root}>`)).toBe(true);
    expect(xml).toContain(`<label>${field.label}</label>`);
    expect(xml).toContain(`<help>${field.help}</help>`);
    expect(xml).toContain(`<fieldtype>${TYPES[field.type]}</fieldtype>`);
    expect(xml).toContain(`<${APPLIES[field.level]}>T</${APPLIES[field.level]}>`);
    expect(xml.includes('<colpurchase>T</colpurchase>')).toBe(
      field.records.includes('purchaseOrder'),
    );
    expect(xml).toContain('<storevalue>T</storevalue>');
    for (const record of field.records) {
      const type = recordType(record, true);
      const declared =
        field.level === 'column' ? type?.lines?.[field.name] : type?.fields[field.name];
      expect(declared).toEqual({
        kind: field.type === 'number' ? 'figure' : field.type,
        title: field.label,
        custom: true,
      } satisfies TwinField);
    }
  });

  test('without the package no record of the twin declares any of its fields', () => {
    const names = ['salesOrder', 'estimate', 'purchaseOrder', 'customer'].flatMap((record) => {
      const type = recordType(record, false);
      return [...Object.keys(type?.fields ?? {}), ...Object.keys(type?.lines ?? {})];
    });

    expect(names.filter((name) => name.startsWith('cust'))).toEqual([]);
  });

  test('the manifest and the deployment order take in every object', () => {
    const folder = join(OBJECTS, '..');

    expect(readFileSync(join(folder, 'manifest.xml'), 'utf8')).toContain(
      'projecttype="ACCOUNTCUSTOMIZATION"',
    );
    expect(readFileSync(join(folder, 'deploy.xml'), 'utf8')).toContain('<path>~/Objects/*</path>');
  });
});
