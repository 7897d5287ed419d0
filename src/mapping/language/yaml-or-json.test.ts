import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { shippedSteps } from '../../../test/support/shipped-steps.ts';
import { parseMapping, type ParseMapping, type Steps } from './parse-mapping.ts';

let steps: Steps;

beforeAll(async () => {
  steps = await shippedSteps();
});

const SKU = {
  id: 'acme.product',
  version: 1,
  source: { connection: 'acme', object: 'Product' },
  target: { object: 'sku' },
  fields: {
    externalRef: { from: 'record.id', key: true },
    skuCode: { from: 'src.Code' },
    name: { from: 'src.Name' },
  },
};

function contentOf(parsed: ParseMapping) {
  return parsed.ok ? [parsed.mapping.document, parsed.mapping.hash] : parsed.problems;
}

describe('a mapping file', () => {
  test('is the same document in YAML of any style and in JSON', () => {
    const text = fc.oneof(fc.string(), fc.constantFrom('yes', 'null', '1.0', '0x1F', '- a', '~', '2026-03-02', ' x ', 'a: b #c')); // prettier-ignore
    const json = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        text,
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.stringMatching(/^[A-Za-z][\w ]{0,9}$/), tie('value'), { maxKeys: 3 }),
      ),
    })).value;
    const given = fc.dictionary(fc.stringMatching(/^[A-Z][a-z]{1,8}$/), json, { maxKeys: 4 });
    fc.assert(
      fc.property(given, fc.constantFrom('BLOCK', 'FLOW'), fc.nat(120), (record, style, width) => {
        const tests = [{ name: 'any', given: record, expect: 'failed' }];
        const document = { ...SKU, title: 'T', tests };
        const collectionStyle = style === 'FLOW' ? 'flow' : 'block';

        const yaml = parseMapping(
          stringify(document, { collectionStyle, lineWidth: width < 20 ? 0 : width }),
          'a.yaml',
          steps,
        );
        const other = parseMapping(JSON.stringify(document), 'a.json', steps);

        expect(yaml).toMatchObject({ ok: true, mapping: { document: { tests } } });
        expect(contentOf(other)).toEqual(contentOf(yaml));
      }),
    );
  });
});
