import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson, hashJson } from './hash.ts';

test('the order in which members were written does not change the hash', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const reversed = Object.fromEntries(Object.entries(value).toReversed());

      expect(hashJson(reversed)).toBe(hashJson(value));
    }),
  );
});

test('the order of a list, a type and an empty text do', () => {
  const hashes = [[1, 2], [2, 1], ['1', '2'], [], '', null, '0', 0].map(hashJson);

  expect(new Set(hashes).size).toBe(hashes.length);
});

test('a member without a value is left out, as JSON does', () => {
  expect(canonicalJson({ b: undefined, a: 1 })).toBe('{"a":1}');
});

test('RFC 8785: members are sorted by UTF-16 code units, numbers are spelled as ECMAScript does', () => {
  expect(canonicalJson({ '\u20ac': 1, '\r': 2, '1': 3, ö: 4 })).toBe('{"\\r":2,"1":3,"ö":4,"€":1}');
  expect(canonicalJson([1e21, 0.000001, 1.0])).toBe('[1e+21,0.000001,1]');
});

test('what has no JSON form is refused', () => {
  expect(() => canonicalJson(undefined)).toThrow('has no JSON form');
});
