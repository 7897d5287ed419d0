import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseExactJson, prototypeKeyIn } from './exact-json.ts';

describe('parseExactJson', () => {
  test('F-64: a figure that a double cannot hold stays as its own text', () => {
    const parsed = parseExactJson(
      '{"id":9007199254740993,"price":0.12345678901234567891,"huge":1e400,"tiny":1e-400,"n":1200.50}',
    );

    expect(parsed).toEqual({
      id: '9007199254740993',
      price: '0.12345678901234567891',
      huge: '1e400',
      tiny: '1e-400',
      n: 1200.5,
    });
  });

  test('any integer is either exact as a number or exact as text', () => {
    fc.assert(
      fc.property(fc.bigInt(), (figure) => {
        const parsed = parseExactJson(String(figure));

        expect(typeof parsed === 'string' || typeof parsed === 'number').toBe(true);
        expect(BigInt(parsed as string | number)).toBe(figure);
      }),
    );
  });

  test('a text whose figures a double spells alike reads as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);

        expect(parseExactJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  test('malformed and absurdly nested texts are refused without their content', () => {
    expect(() => parseExactJson('{"secret":"hunter2"')).toThrow('The text is not JSON.');
    expect(() => parseExactJson('['.repeat(200_000))).toThrow('The text is not JSON.');
  });
});

describe('prototypeKeyIn', () => {
  test.each(['__proto__', 'constructor', 'prototype'])('finds %s at any depth', (name) => {
    expect(prototypeKeyIn(parseExactJson(`{"a":[{"b":{"${name}":{"admin":true}}}]}`))).toBe(name);
  });

  test('such names are data when they are values', () => {
    expect(prototypeKeyIn({ name: 'constructor', list: ['__proto__', null, 1] })).toBeNull();
  });

  test('parsing such a member never reaches the prototype of other objects', () => {
    parseExactJson('{"__proto__":{"polluted":true}}');

    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});
