import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { base32, externalIdOf, intentIdOf, newId } from './ids.ts';

const target = {
  tenantId: 'default',
  connection: 'erp',
  object: 'salesOrder',
  canonicalId: '006A:1',
};

test('new ids of one kind sort by the time they were made', () => {
  const ids = Array.from({ length: 500 }, () => newId('run'));

  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(500);
  expect(ids[0]).toMatch(/^run_[0-9a-hjkmnp-tv-z]{26}$/);
});

test('the vendor-side key is the same for the same record and fits every vendor', () => {
  expect(externalIdOf(target)).toBe(externalIdOf({ ...target }));
  expect(externalIdOf(target)).toMatch(/^[a-z2-7]{52}$/);
});

test('another tenant, connection, object or record has another key', () => {
  const keys = [
    target,
    { ...target, tenantId: 'other' },
    { ...target, connection: 'crm' },
    { ...target, object: 'estimate' },
    { ...target, canonicalId: '006A:2' },
  ].map(externalIdOf);

  expect(new Set(keys).size).toBe(keys.length);
});

test('parts that would run together when joined stay apart', () => {
  expect(externalIdOf({ ...target, connection: 'a', object: 'bc' })).not.toBe(
    externalIdOf({ ...target, connection: 'ab', object: 'c' }),
  );
});

test('each revision of an effect has its own intent id, and the key of the record does not change', () => {
  const key = externalIdOf(target);

  expect(intentIdOf(key, 1)).not.toBe(intentIdOf(key, 2));
  expect(intentIdOf(key, 1)).toBe(intentIdOf(key, 1));
});

test('RFC 4648: base32 of the test vectors, unpadded and in lower case', () => {
  const encoded = ['', 'f', 'fo', 'foo', 'foob', 'fooba', 'foobar'].map((text) =>
    base32(Buffer.from(text)),
  );

  expect(encoded).toEqual(['', 'my', 'mzxq', 'mzxw6', 'mzxw6yq', 'mzxw6ytb', 'mzxw6ytboi']);
});

test('base32 keeps every bit', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const bits = base32(bytes)
        .split('')
        .map((letter) =>
          'abcdefghijklmnopqrstuvwxyz234567'.indexOf(letter).toString(2).padStart(5, '0'),
        )
        .join('');
      const back = Array.from({ length: bytes.length }, (_, at) =>
        Number.parseInt(bits.slice(at * 8, at * 8 + 8), 2),
      );

      expect(back).toEqual([...bytes]);
    }),
  );
});
