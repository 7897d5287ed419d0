import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Json } from '../kernel/hash.ts';
import { lookupFileText, readLookupFile, type LookupFormat } from './lookup-file.ts';

const read = (text: string, format: LookupFormat = 'csv') => {
  const { entries, problems } = readLookupFile(text, format);
  return { entries: Object.fromEntries(entries), problems };
};
const codes = (text: string, format: LookupFormat = 'csv') =>
  read(text, format).problems.map(({ line, column, code }) => [line, column, code]);

describe('a CSV file', () => {
  test('gives texts, JSON, or objects of its columns, as its first line says', () => {
    expect(read('key,value\nA,1\n"B, C","x ""y"""\n').entries).toEqual({ A: '1', 'B, C': 'x "y"' });
    expect(read('key,json\nA,"{""n"":1}"\n').entries).toEqual({ A: { n: 1 } });
    expect(read('key,externalRef,name\nA,1,Acme\nB,2,\n').entries).toEqual({
      A: { externalRef: '1', name: 'Acme' },
      B: { externalRef: '2' },
    });
  });

  test('names the line and column of every cell that is wrong, and goes on', () => {
    const text = 'key,value\nA,1\n,2\nB,\nC,=1+1\n@x,3\nA,4\nD,5,6\nE,7\n';

    expect(codes(text)).toEqual([
      [3, 'key', 'blank_key'],
      [4, 'value', 'blank_value'],
      [5, 'value', 'formula'],
      [6, 'key', 'formula'],
      [7, 'key', 'duplicate_key'],
      [8, null, 'cell_count'],
    ]);
    expect(read(text).entries).toEqual({ A: '1', E: '7' });
  });

  test('is refused with a byte order mark, a header that says nothing, or quotes that do not close', () => {
    expect(codes('\uFEFFkey,value\nA,1\n')).toEqual([[1, null, 'byte_order_mark']]);
    expect(codes('name,value\nA,1\n')).toEqual([[1, null, 'bad_header']]);
    expect(codes('key,value,more\nA,1,2\n')).toEqual([[1, null, 'bad_header']]);
    expect(codes('key,value\nA,"1\n').map(([, , code]) => code)).toEqual(['bad_quotes']);
  });

  test('may end its lines in more than one way', () => {
    expect(read('key,value\r\nA,1\nB,2\r\n').entries).toEqual({ A: '1', B: '2' });
  });

  test('may hold signed figures, and texts that begin like formulas behind an apostrophe', () => {
    expect(read("key,value\nA,-5\nB,'=sum\n").entries).toEqual({ A: '-5', B: '=sum' });
  });
});

describe('a JSON or YAML file', () => {
  test('gives its keys with their values, or a list of them, with lines', () => {
    expect(read('{"A": 1, "B": {"x": ["y"]}}', 'json').entries).toEqual({ A: 1, B: { x: ['y'] } });
    expect(read('- { key: A, value: 1 }\n- { key: B, value: null }\n', 'yaml').entries).toEqual({
      A: 1,
      B: null,
    });
    expect(readLookupFile('A: 1\nB: 2\n', 'yaml').lines).toEqual(
      new Map([
        ['A', 1],
        ['B', 2],
      ]),
    );
  });

  test.each([
    ['{"A": 1,\n"A": 2}', 'json', [2, 'key', 'duplicate_key']],
    ['{"A": 1,}', 'json', [null, null, 'not_json']],
    ['A: 12345678901234567890', 'yaml', [1, 'value', 'inexact_number']],
    ['A: &x 1\nB: *x', 'yaml', [2, null, 'alias']],
    ['1: A', 'yaml', [1, 'key', 'key_no_text']],
    ['__proto__: A', 'yaml', [1, 'key', 'bad_key']],
    ['- { key: A }', 'yaml', [1, null, 'bad_shape']],
    ['just text', 'yaml', [1, null, 'bad_shape']],
  ] as const)('%j is refused with its line', (text, format, problem) => {
    expect(codes(text, format)).toEqual([[...problem]]);
  });
});

test('what is exported is imported as the same entries, in every form', () => {
  const key = fc
    .string({ minLength: 1, maxLength: 12 })
    .filter((text) => text.trim() === text && !/\p{Cc}|\p{Cs}/u.test(text) && text !== '__proto__');
  const text = fc.oneof(fc.constantFrom('=1', "'=1", '-x', '+49', '@a', "'"), fc.string({ minLength: 1 }))
    .filter((each) => !/[\r\uFEFF]|\p{Cs}/u.test(each) && !each.includes('\u0000')); // prettier-ignore
  const values: readonly fc.Arbitrary<Json>[] = [
    text,
    fc.dictionary(fc.constantFrom('a', 'b', 'name'), text, { minKeys: 1, noNullPrototype: true }),
    fc.oneof(fc.integer(), fc.boolean(), fc.constant(null), text, fc.array(text)),
  ];
  const tables = fc.oneof(
    ...values.map((value) => fc.array(fc.tuple(key, value), { maxLength: 6 })),
  );

  fc.assert(
    fc.property(tables, fc.constantFrom('csv', 'json', 'yaml' as const), (rows, format) => {
      const entries = new Map(
        rows.filter(([each]) => !['constructor', 'prototype'].includes(each)),
      );
      const back = readLookupFile(lookupFileText(entries, format), format);
      expect(back.problems).toEqual([]);
      expect(back.entries).toEqual(entries);
    }),
    { numRuns: 300 },
  );
});
