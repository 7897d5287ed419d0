import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import type { MappingDocument } from './language/mapping-document.ts';
import { textUnder, type MappingVersion } from './versions.ts';

const DOCUMENT = {
  id: 'acme.product',
  version: 2,
  source: { connection: 'acme', object: 'Product' },
  target: { object: 'sku' },
  fields: { externalRef: { from: 'record.id' }, skuCode: { from: 'src.Code' } },
} as unknown as MappingDocument;
const OVERRIDE = { id: 'acme.product', version: 2, extends: 'builtin:acme.product@1' };

const under = (text: string): string =>
  textUnder({ text, document: DOCUMENT } as MappingVersion, 5);

describe('the text of a version under another number', () => {
  test.each([
    ['YAML', 'id: acme.product\nversion: 2\nextends: builtin:acme.product@1\n'],
    ['JSON', JSON.stringify(OVERRIDE)],
    ['indented JSON', JSON.stringify(OVERRIDE, null, 2)],
    ['indented YAML', '  id: acme.product\n  version: 2\n  extends: builtin:acme.product@1\n'],
  ])('needs no shipped mapping, though it was written over one: %s', (_, text) => {
    expect(parse(under(text))).toEqual({ ...DOCUMENT, version: 5 });
  });

  test('keeps its comments where it stands alone, whatever its words are', () => {
    const text = '# why\nid: acme.product\nversion: 2 # second\ntitle: "extends: nothing"\n';

    expect(under(text)).toBe(text.replace('version: 2', 'version: 5'));
  });
});
