import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { toVendorForm } from './field-forms.ts';
import { longId } from './record-id.ts';
import { mayHaveLostDigits, normalizeStamp, readRow } from './records.ts';
import { soqlLists, soqlText } from './soql.ts';
import { parseSoql } from './twin/soql-parse.ts';

describe('figures', () => {
  test('every decimal of up to 15 digits survives; what a double rounds is told', () => {
    const digits = fc.bigInt({ min: 0n, max: 999_999_999_999_999n });
    fc.assert(
      fc.property(digits, fc.integer({ min: 0, max: 6 }), (whole, scale) => {
        const text = whole.toString().padStart(scale + 1, '0');
        const decimal = scale === 0 ? text : `${text.slice(0, -scale)}.${text.slice(-scale)}`;

        expect(mayHaveLostDigits(Number(decimal))).toBe(false);
        expect(toVendorForm({ x: 'figure' }, { x: decimal })).toEqual({
          ok: true,
          fields: { x: Number(decimal) },
        });
      }),
    );
    for (const text of [
      '1234567890123456.7',
      '9007199254740993',
      '100000000000000000001',
      '0.1234567890123456',
    ]) {
      expect(mayHaveLostDigits(Number(text))).toBe(true);
    }
  });

  test('a figure that cannot be held exactly, or is none, is refused and not rounded', () => {
    for (const value of ['1234567890.1234567', '12,5', '', '1e3']) {
      expect(toVendorForm({ x: 'figure' }, { x: value }).ok).toBe(false);
    }
    expect(toVendorForm({ x: 'integer' }, { x: 1.5 }).ok).toBe(false);
  });
});

describe('rows', () => {
  test('both spellings of a stamp become one', () => {
    const spellings = [
      '2020-10-22T21:03:23.000+0000',
      '2020-10-22T21:03:23.000Z',
      '2020-10-22T23:03:23.000+02:00',
    ];

    expect(new Set(spellings.map(normalizeStamp))).toEqual(new Set(['2020-10-22T21:03:23.000Z']));
  });

  test('a row without identity is rejected, and its values are not told', () => {
    const rows = [
      null,
      'text',
      { Id: '006', SystemModstamp: '2026-01-01T00:00:00.000Z' },
      { Name: 'Secret Ltd' },
    ];

    for (const raw of rows) {
      const row = readRow(raw);
      expect(row).toMatchObject({
        kind: 'unreadable',
        unreadable: { id: null, outcome: 'rejected' },
      });
      expect(JSON.stringify(row)).not.toContain('Secret');
    }
  });

  test('a figure of a related record that lost digits quarantines its row', () => {
    const row = readRow({
      Id: '00Q0000000000001AA',
      SystemModstamp: '2026-01-01T00:00:00.000Z',
      Product2: { attributes: { type: 'Product2' }, Weight: 0.1234567890123456 },
    });

    expect(row).toMatchObject({
      unreadable: { code: 'number_precision', outcome: 'quarantined' },
    });
  });

  test('a field called __proto__ quarantines its row, wherever it is, and changes nothing', () => {
    const raw = '{"Id":"00Q0000000000001AA","SystemModstamp":"2026-01-01T00:00:00.000Z"';
    for (const text of [`${raw},"__proto__":{"IsWon":true}}`, `${raw},"X":{"__proto__":{"a":1}}}`])
      expect(readRow(JSON.parse(text))).toMatchObject({
        unreadable: { id: '00Q0000000000001AA', code: 'forbidden_key', outcome: 'quarantined' },
      });
  });

  test('a history row is known by the day it was made, and needs no change stamp', () => {
    const raw = { Id: '0170000000000001AA', CreatedDate: '2026-01-01T00:00:00.000+0000' };

    expect(readRow(raw, 'CreatedDate')).toMatchObject({
      record: { stamp: '2026-01-01T00:00:00.000Z' },
    });
    expect(readRow(raw)).toMatchObject({ unreadable: { code: 'no_identity' } });
  });

  test('a short id has one long form', () => {
    expect(longId('0015g00000A1b2c')).toHaveLength(18);
    expect(longId('00D000000000062')).toBe('00D000000000062EAA');
    expect(longId('00D000000000062EAA')).toBe('00D000000000062EAA');
  });
});

describe('SOQL', () => {
  test('no text can break out of its literal', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const query = parseSoql(`SELECT Id FROM Account WHERE Name = ${soqlText(text)}`);

        expect(query.where).toMatchObject({ kind: 'compare', path: 'Name' });
      }),
    );
    const hostile = parseSoql(
      `SELECT Id FROM Account WHERE Name = ${soqlText(String.raw`x\' OR Name != '`)}`,
    );
    expect(hostile.where).toEqual({
      kind: 'compare',
      path: 'Name',
      operator: '=',
      literal: { kind: 'string', value: String.raw`x\' OR Name != '` },
    });
  });

  test('lists stay short enough for a request line and lose no value', () => {
    const values = Array.from({ length: 450 }, (_, n) => `${n}-${'x'.repeat(100)}`);
    const lists = soqlLists(values, 200);

    expect(lists.every((list) => encodeURIComponent(list).length < 14_000)).toBe(true);
    expect(lists.join(',').split(',')).toHaveLength(450);
  });
});
