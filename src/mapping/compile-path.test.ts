import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ValidationError } from '../kernel/errors.ts';
import { compilePath, parsePath, type Scope } from './compile-path.ts';

describe('paths', () => {
  test.each([
    ['src', { a: 1 }, { a: 1 }],
    ['src.a', { a: 1 }, 1],
    ['src.a.b', { a: { b: 'x' } }, 'x'],
    ['src.a.b.c', { a: { b: { c: true } } }, true],
    ['src.list[1].v', { list: [{ v: 1 }, { v: 2 }] }, 2],
    ['src["urn:x:2.0:User"].department', { 'urn:x:2.0:User': { department: 'R&D' } }, 'R&D'],
    ['src["a\\"b"]', { 'a"b': 1 }, 1],
    ['src.a.b', { a: null }, undefined],
    ['src.list.length', { list: [1] }, undefined],
    ['src.text.length', { text: 'abc' }, undefined],
    ['src.list[7]', { list: [1] }, undefined],
  ])('%s', (path, src, expected) => {
    const read = compilePath(path);

    expect(read({ src } as Scope)).toEqual(expected);
  });

  test.each([
    '',
    '.a',
    'src.',
    'src..a',
    'src[',
    'src[a]',
    'src[-1]',
    'src[""]',
    'src a',
    'src.a b',
    '1src',
    `src${'.a'.repeat(300)}`,
  ])('what is no path is refused: %s', (text) => {
    expect(parsePath(text)).toBeNull();
    expect(() => compilePath(text)).toThrow(ValidationError);
  });

  test('a path never gives what an object inherits', () => {
    const inherited = fc.constantFrom(
      'constructor',
      '__proto__',
      'toString',
      'valueOf',
      'hasOwnProperty',
      'isPrototypeOf',
      'polluted',
    );
    const prototype = { polluted: 'yes' };
    const record = fc
      .dictionary(fc.string(), fc.jsonValue())
      .map((data) => Object.assign(Object.create(prototype), data));
    fc.assert(
      fc.property(record, inherited, inherited, (src, first, second) => {
        const own = Object.hasOwn(src, first);

        const one = compilePath(`src.${first}`)({ src });
        const two = compilePath(`src["${first}"]["${second}"].x`)({ src });

        expect(one).toEqual(own ? Reflect.get(src, first) : undefined);
        expect(own || two === undefined).toBe(true);
      }),
    );
  });

  test('a quoted key reads exactly the field of that name', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 40 }), fc.jsonValue(), (key, value) => {
        const src: Record<string, unknown> = Object.fromEntries([[key, value]]);
        const quoted = key.replace(/["\\]/g, '\\$&');

        const read = compilePath(`src["${quoted}"]`);

        expect(read({ src } as Scope)).toEqual(src[key]);
      }),
    );
  });
});
