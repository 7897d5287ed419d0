import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { constantOf, constantText, kindOf, sourceText, stepsOf, stepsText } from './row-words.ts';

const plainText = fc.string().filter((text) => text.trim() === text && !/[\n\r]/.test(text));
const constant = fc.oneof(plainText, fc.integer(), fc.boolean(), fc.constant(null));
const stepName = fc.stringMatching(/^[a-z][a-z-]{0,10}$/);

describe('what people type means what the file says', () => {
  test('a constant comes back as it was, text that looks like a number included', () => {
    fc.assert(
      fc.property(constant, (value) => {
        expect(constantOf(constantText(value))).toEqual(value);
      }),
    );
    expect(constantText('12')).toBe('"12"');
    expect(constantOf('EMEA')).toBe('EMEA');
  });

  test('steps come back as they were, in their order', () => {
    const step = fc.oneof(
      stepName,
      fc.tuple(stepName, constant).map(([name, argument]) => ({ [name]: argument })),
    );

    fc.assert(
      fc.property(fc.array(step, { maxLength: 6 }), (steps) => {
        expect(stepsOf(stepsText(steps))).toEqual(steps);
      }),
    );
  });

  test('each kind of row is told apart and shown in one line', () => {
    const rows = [
      { from: 'src.Name' },
      { from: 'src.Code', lookup: 'sku-taxonomy' },
      { lookup: { table: 'subsidiary', key: 'src.Region' } },
      { value: 'EMEA' },
      { expr: 'src.A + 1' },
      { each: 'src.lines' },
    ];

    expect(rows.map((row) => [kindOf(row), sourceText(row)])).toEqual([
      ['from', 'src.Name'],
      ['from', 'src.Code in sku-taxonomy'],
      ['lookup', 'src.Region in subsidiary'],
      ['value', '"EMEA"'],
      ['expr', 'src.A + 1'],
      ['each', 'src.lines'],
    ]);
  });
});
