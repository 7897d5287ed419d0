import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ValidationError } from '../../src/kernel/errors.ts';
import { negated, parseLossless, plainDecimal, stringifyWithFigures } from './lossless-json.ts';

describe('figures', () => {
  test.each([
    ['25.0', '25'],
    ['1e3', '1000'],
    ['1.5E-7', '0.00000015'],
    ['.5', '0.5'],
    ['-0', '0'],
    ['-0.10', '-0.1'],
    ['9007199254740993', '9007199254740993'],
    ['00012', '12'],
  ])('%s is spelled %s', (given, plain) => {
    expect(plainDecimal(given)).toBe(plain);
  });

  test.each(['', '.', 'abc', '1,5', '10%', '--1', '1e9999'])('"%s" is no figure', (text) => {
    expect(() => plainDecimal(text)).toThrow(ValidationError);
  });

  test('moving the point back by the exponent gives the figure again', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
        fc.integer({ min: 0, max: 40 }),
        (digits, places) => {
          const spelled = plainDecimal(`${digits}e-${places}`);
          expect(plainDecimal(`${spelled}e${places}`)).toBe(digits.toString());
          expect(negated(negated(spelled))).toBe(spelled);
        },
      ),
    );
  });
});

describe('JSON', () => {
  test('F-64: numbers are read from the source text, never through a float', () => {
    const parsed = parseLossless(
      '{"id":9007199254740993,"rate":0.1,"deep":[{"amount":123456789012345678.90}],"text":"1.0","flag":true}',
    );

    expect(parsed).toEqual({
      id: '9007199254740993',
      rate: '0.1',
      deep: [{ amount: '123456789012345678.9' }],
      text: '1.0',
      flag: true,
    });
  });

  test('F-64: a number of any spelling and in any place comes as its plain decimal', () => {
    const figure = fc
      .tuple(
        fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }),
        fc.option(fc.nat()),
        fc.option(fc.integer({ min: -350, max: 350 })),
      )
      .map(([whole, fraction, power]) =>
        [
          String(whole),
          fraction === null ? '' : `.${fraction}`,
          power === null ? '' : `e${power}`,
        ].join(''),
      );
    fc.assert(
      fc.property(fc.array(figure), (figures) => {
        const text = `{"list": [${figures.join(' , ')}], "one":{"deep":[${figures[0] ?? 0}]}}`;

        const plain = figures.map(plainDecimal);
        expect(parseLossless(text)).toEqual({ list: plain, one: { deep: [plain[0] ?? '0'] } });
      }),
    );
  });

  test('short numbers, a number alone and a member named as a prototype come as in the text', () => {
    expect(parseLossless('[0.0000001,-0,12.50,{"__proto__":7}]')).toEqual(
      JSON.parse('["0.0000001","0","12.5",{"__proto__":"7"}]'),
    );
    expect(parseLossless('7')).toBe('7');
    expect(parseLossless('null')).toBeNull();
  });

  test('named figures go out as numbers, digit by digit; all else stays text', () => {
    const body = {
      memo: '12',
      item: { items: [{ quantity: '9007199254740993', rate: '0.10', line: 3 }] },
    };

    const text = stringifyWithFigures(body, new Set(['quantity', 'rate', 'line']));

    expect(text).toBe(
      '{"memo":"12","item":{"items":[{"quantity":9007199254740993,"rate":0.1,"line":3}]}}',
    );
  });
});
