import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { JsonObject } from '../kernel/hash.ts';
import type { SourceRecord } from '../sdk/record.ts';
import { newestPerId, readContent } from './page-records.ts';

const rec = (data: JsonObject, changes: Partial<SourceRecord> = {}): SourceRecord => ({
  id: 'a',
  stamp: '1',
  deleted: false,
  data,
  ...changes,
});

const codeOf = (data: JsonObject): string | null => {
  const read = readContent(rec(data));
  return read.ok ? null : read.problem.code;
};

describe('the content of a record', () => {
  test('F-63: a NUL character and half of a surrogate pair are refused, wherever they are', () => {
    expect(codeOf({ Name: 'a\u0000' })).toBe('nul_character');
    expect(codeOf({ 'a\u0000': 1 })).toBe('nul_character');
    expect(codeOf({ Owner: { Name: ['\ud83d'] } })).toBe('half_character');
    expect(codeOf({ Name: '\udc00x' })).toBe('half_character');
  });

  test('F-63: what is too large, too deep or too long is refused, at the very edge', () => {
    const nested = (levels: number): JsonObject =>
      levels === 0 ? { at: 1 } : { inner: nested(levels - 1) };
    const items = (count: number): JsonObject => ({
      lines: Array.from({ length: count }, () => 0),
    });

    expect(codeOf({ Text: 'x'.repeat(10_000_000) })).toBe('record_too_large');
    expect(codeOf({ lines: Array.from({ length: 600 }, () => ({ t: 'y'.repeat(1000) })) })).toBe(
      'record_too_large',
    );
    expect([codeOf(nested(99)), codeOf(nested(100))]).toEqual([null, 'too_deep']);
    expect(codeOf(nested(5_000))).toBe('too_deep');
    expect([codeOf(items(50_000)), codeOf(items(50_001))]).toEqual([null, 'too_many_items']);
  });

  test('F-63: a member that names a prototype is refused and pollutes nothing', () => {
    const evil: JsonObject = JSON.parse('{"a":{"__proto__":{"polluted":true}}}');

    expect(codeOf(evil)).toBe('prototype_key');
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    expect(codeOf({ constructor: 'Smith & Sons' })).toBeNull();
  });

  test('F-64: an integer that a number cannot hold for certain is refused; the same as text is kept', () => {
    expect(codeOf({ id: Number.MAX_SAFE_INTEGER + 1 })).toBe('inexact_number');
    expect(codeOf({ id: Number.POSITIVE_INFINITY })).toBe('inexact_number');
    expect(codeOf({ id: '9007199254740993' })).toBeNull();
    expect(codeOf({ price: 0.1, most: Number.MAX_SAFE_INTEGER })).toBeNull();
  });

  test('a text that only looks like an escape is kept', () => {
    expect(codeOf({ Path: String.raw`C:\u0000\ud800` })).toBeNull();
    expect(codeOf({ Name: 'tab\u0001 and 😀' })).toBeNull();
  });

  test('has one text and hash, whatever the order of the keys', () => {
    const objects = fc.dictionary(fc.string(), fc.dictionary(fc.string(), fc.integer()));
    fc.assert(
      fc.property(objects, (data) => {
        const turned = Object.fromEntries(
          Object.entries(data)
            .toReversed()
            .map(([key, inner]) => [key, Object.fromEntries(Object.entries(inner).toReversed())]),
        );

        expect(readContent(rec(turned))).toEqual(readContent(rec(data)));
      }),
    );
  });

  test('says everything that the record says, for more shapes than are remembered', () => {
    for (let width = 1; width < 40; width += 1) {
      const data = Object.fromEntries(Array.from({ length: width }, (_, at) => [`k${at}`, at]));

      const read = readContent(rec(data));

      expect(read.ok && JSON.parse(read.content.text)).toEqual(data);
    }
  });

  test('a tombstone is not the same content', () => {
    const alive = readContent(rec({ Name: 'A' }));

    const gone = readContent(rec({ Name: 'A' }, { deleted: true }));

    expect(gone.ok && alive.ok && gone.content.hash !== alive.content.hash).toBe(true);
  });
});

describe('the newest record of an id', () => {
  test('wins whatever the order in the page; of two with one stamp, the later', () => {
    const [old, newer, last] = [rec({ at: 1 }), rec({ at: 2 }, { stamp: '2' }), rec({ at: 3 })];

    expect(newestPerId([newer, old]).winners).toEqual([newer]);
    expect(newestPerId([old, last]).winners).toEqual([last]);
    expect(newestPerId([old, newer, last])).toEqual({
      winners: [newer],
      losers: [old, last],
      unreadable: [],
    });
  });

  test('one that cannot be kept wins against nobody', () => {
    const [fine, broken] = [rec({ at: 1 }), rec({ Name: '\u0000' }, { stamp: '2' })];

    for (const records of [
      [fine, broken],
      [broken, fine],
    ]) {
      const { winners, unreadable } = newestPerId(records);

      expect(winners).toEqual([fine]);
      expect(unreadable.map((each) => each.code)).toEqual(['nul_character']);
    }
  });
});
