import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addDays } from '../kernel/dates.ts';
import { ValidationError } from '../kernel/errors.ts';
import type { Json } from '../kernel/hash.ts';
import { parseDecimal } from '../kernel/rational.ts';
import {
  readBoolean,
  readDate,
  readDecimal,
  readInstant,
  readInteger,
  readNumber,
  readText,
} from './read-value.ts';

describe('figures', () => {
  test.each<[Json, string]>([
    ['25', '25'],
    ['25.00', '25'],
    ['-0.50', '-0.5'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['+7', '7'],
    ['007', '7'],
    ['-0', '0'],
    ['1.2345678E7', '12345678'],
    ['1.5e-3', '0.0015'],
    ['12345678901234567890.1234567890', '12345678901234567890.123456789'],
    [120.5, '120.5'],
    [1e-7, '0.0000001'],
    [-0, '0'],
    [9007199254740991, '9007199254740991'],
  ])('%j is %s', (value, expected) => {
    expect(readDecimal(value)).toBe(expected);
  });

  test.each<[Json]>([
    [''],
    ['1,200.50'],
    ['1 200'],
    ['12a'],
    ['.'],
    ['1e999'],
    ['0x10'],
    ['Infinity'],
    [2 ** 53],
    [1e300],
    [true],
    [null],
    [['1']],
    ['9'.repeat(65)],
  ])('%j is no certain figure', (value) => {
    expect(() => readDecimal(value)).toThrow(ValidationError);
  });

  test('a decimal text of any size keeps its exact value and has one spelling', () => {
    const decimals = fc.stringMatching(/^-?\d{1,20}(\.\d{1,10})?$/);
    fc.assert(
      fc.property(decimals, (text) => {
        const plain = readDecimal(text);

        expect(parseDecimal(plain)).toEqual(parseDecimal(text));
        expect(readDecimal(plain)).toBe(plain);
        expect(plain).toMatch(/^(0|-?([1-9]\d*)(\.\d*[1-9])?|-?0\.\d*[1-9])$/);
      }),
    );
  });

  test('a JSON number is the decimal that it was written as', () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e14, max: 1e14 }),
        (value) => {
          fc.pre(value === 0 || Math.abs(value) > 1e-90);
          expect(Number(readDecimal(value))).toBe(value === 0 ? 0 : value);
        },
      ),
    );
  });

  test('a number is given only where it holds the figure exactly', () => {
    expect(readNumber('120.50')).toBe(120.5);
    expect(readNumber('0.1')).toBe(0.1);
    expect(() => readNumber('0.1234567890123456')).toThrow(ValidationError);
    expect(() => readNumber('12345678901234567')).toThrow(ValidationError);
  });

  test('a whole number is read from any spelling, and nothing else', () => {
    expect([readInteger('0000000007'), readInteger('3.0'), readInteger(-4)]).toEqual([7, 3, -4]);
    expect(() => readInteger('3.5')).toThrow(ValidationError);
    expect(() => readInteger('9007199254740993')).toThrow(ValidationError);
  });
});

describe('dates and instants', () => {
  test('every date is read in every form that it can be written in', () => {
    const days = fc.integer({ min: 0, max: 40_000 }).map((count) => addDays('1990-01-01', count));
    fc.assert(
      fc.property(days, (date) => {
        const [y = '', m = '', d = ''] = date.split('-');

        expect(readDate(date)).toBe(date);
        expect(readDate(`${date}T23:59:59.000+0000`)).toBe(date);
        expect(readDate(`${Number(m)}/${Number(d)}/${y}`, 'M/D/YYYY')).toBe(date);
        expect(readDate(`${d}.${m}.${y}`, 'D.M.YYYY')).toBe(date);
        expect(readDate(`${y}${m}${d}`, 'YYYYMMDD')).toBe(date);
      }),
    );
  });

  test.each<[Json, string | undefined]>([
    ['2026-02-29', undefined],
    ['3/4/2026', undefined],
    ['31.12.2025', 'M/D/YYYY'],
    ['13/1/2026', 'M/D/YYYY'],
    ['2026-03-04', 'MM-DD'],
    ['2026-03-04', '__proto__'],
    [20260304, undefined],
  ])('%j as %s is no date', (value, format) => {
    expect(() => readDate(value, format)).toThrow(ValidationError);
  });

  test.each([
    ['2026-02-20T10:11:12.000+0000', '2026-02-20T10:11:12.000Z'],
    ['2026-02-20T10:11:12Z', '2026-02-20T10:11:12.000Z'],
    ['2026-02-20T10:11:12.5+09:00', '2026-02-20T01:11:12.500Z'],
    ['2026-02-01 10:11:12', '2026-02-01T10:11:12.000Z'],
  ])('%s is %s', (text, instant) => {
    expect(readInstant(text)).toBe(instant);
  });

  test.each(['2026-02-20', '2026-13-20T10:11:12Z', 'yesterday'])('%s is no instant', (text) => {
    expect(() => readInstant(text)).toThrow(ValidationError);
  });
});

describe('yes and no, and text', () => {
  test('the spellings of the systems are read', () => {
    expect(['T', 'true', 'Yes', 'y', '1', 1, true].map((value) => readBoolean(value))).toEqual(
      Array(7).fill(true),
    );
    expect(['F', 'false', 'NO', 'n', '0', 0, false].map((value) => readBoolean(value))).toEqual(
      Array(7).fill(false),
    );
    expect(() => readBoolean('maybe')).toThrow(ValidationError);
  });

  test('a figure or a yes as text has one spelling, a list has none', () => {
    expect([readText('x'), readText(1042), readText(0.5), readText(true)]).toEqual([
      'x',
      '1042',
      '0.5',
      'true',
    ]);
    expect(() => readText(['x'])).toThrow(ValidationError);
  });

  test('no reader repeats the value that it refuses', () => {
    const readers = [readDecimal, readInteger, readNumber, readBoolean, readDate, readInstant];
    for (const read of readers) {
      expect(() => read('hunter2')).toThrow(
        expect.not.objectContaining({ message: expect.stringContaining('hunter2') }),
      );
    }
  });
});
