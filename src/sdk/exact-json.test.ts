import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mayHoldLongFigures, parseExactJson, prototypeKeyIn } from './exact-json.ts';

/** A decimal as digits without zeros at its ends, and the power of ten that they are times. */
function decimalOf(text: string): string {
  const [, sign = '', whole = '', fraction = '', power = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/.exec(text) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const short = digits.replace(/0+$/, '');
  if (short === '') return '0';
  return `${sign}${short}e${Number(power) - fraction.length + digits.length - short.length}`;
}

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

  test('F-63: a member that is named twice is refused, however it is spelled and wherever it is', () => {
    for (const text of [
      '{"amount":1,"amount":2}',
      '[{"a":{"b":1 , "\\u0062" : 2}}]',
      '{"__proto__":1,"__proto__":2}',
    ]) {
      expect(() => parseExactJson(text)).toThrow('twice');
    }
    expect(parseExactJson('[{"a":"\\"a\\":1"},{"a":"\\\\"},{"":":"}]')).toHaveLength(3);
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

  test('F-64: a figure of any spelling and in any place is either exact as a number or its own text', () => {
    const digits = (min: number) => fc.stringMatching(new RegExp(`^[0-9]{${min},20}$`));
    const figure = fc
      .tuple(
        fc.constantFrom('', '-'),
        fc.bigInt({ min: 0n, max: 10n ** 17n }),
        fc.option(digits(1)),
        fc.option(fc.integer({ min: -350, max: 350 })),
      )
      .map(([sign, whole, fraction, power]) =>
        [
          sign,
          String(whole),
          fraction === null ? '' : `.${fraction}`,
          power === null ? '' : `e${power}`,
        ].join(''),
      );
    const place = fc.constantFrom(
      '#',
      '[1, #]',
      '{"a":#}',
      '{"a" :\n\t#,"b":"x"}',
      '[[#]]',
      '[true,#]',
    );
    fc.assert(
      fc.property(figure, place, (source, text) => {
        const parsed = JSON.stringify(parseExactJson(text.replace('#', source)));
        const isText = parsed.includes(`"${source}"`);

        expect(isText || decimalOf(source) === decimalOf(String(Number(source)))).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  test('ids, dates and short figures are no reason to read with care', () => {
    const text =
      '{"id":"00000000-0000-4000-8000-000000000001","at":"2026-01-05T08:00:00Z","n":[1,-2.50,123456789012345]}';

    expect(mayHoldLongFigures(text)).toBe(false);
    expect(mayHoldLongFigures('[1234567890123456]')).toBe(true);
    expect(mayHoldLongFigures('1e5')).toBe(true);
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
