import { describe, expect, test } from '@jest/globals';
import { compareReadBack } from './compare-read-back.ts';

const intent = {
  id: 'i2',
  revision: 2,
  payload: { Name: 'ACME', Quantity: '25', item: { items: [{ rate: '10.50' }] } },
};
const known = new Map([
  ['i1', 1],
  ['i2', 2],
  ['i3', 3],
]);
const record = {
  externalId: 'x',
  intentId: 'i2',
  vendorId: '800',
  fields: { Name: 'ACME', Quantity: 25, item: { items: [{ rate: '10.5', line: 1 }] }, Other: true },
};

describe('read-back', () => {
  test('a record with our intent and our values is applied; what the vendor adds is its own', () => {
    expect(compareReadBack(intent, record, known)).toEqual({ kind: 'applied', vendorId: '800' });
  });

  test('F-13: no record, or one that still shows an older revision of ours, means that the write did not land', () => {
    expect(compareReadBack(intent, undefined, known).kind).toBe('absent');
    expect(compareReadBack(intent, { ...record, intentId: 'i1' }, known).kind).toBe('absent');
    expect(compareReadBack(intent, { ...record, intentId: null }, known).kind).toBe('absent');
  });

  test('F-59: a later revision of ours on the record means that this one is over, and is never sent again', () => {
    const later = { ...record, intentId: 'i3' };

    expect(compareReadBack(intent, later, known)).toEqual({ kind: 'newer', vendorId: '800' });
  });

  test('F-14: a value that another writer changed is a conflict that names the field', () => {
    const changed = { ...record, fields: { ...record.fields, item: { items: [{ rate: '9' }] } } };

    expect(compareReadBack(intent, changed, known)).toMatchObject({
      kind: 'conflict',
      fields: ['item.items[0].rate'],
    });
  });

  test('a record that lacks only what later calls write is incomplete, and no conflict', () => {
    const withLines = { ...intent, payload: { ...intent.payload, lines: [{ Code: 'A' }] } };
    const renamed = { ...record, fields: { ...record.fields, Name: 'Other' } };

    expect(compareReadBack(withLines, record, known, ['lines']).kind).toBe('incomplete');
    expect(compareReadBack(withLines, record, known).kind).toBe('conflict');
    expect(compareReadBack(withLines, renamed, known, ['lines']).kind).toBe('conflict');
  });

  test('an intent that is not ours is a conflict, never taken for our own write', () => {
    expect(compareReadBack(intent, { ...record, intentId: 'stranger' }, known).kind).toBe(
      'conflict',
    );
  });

  test('figures compare as values and never as floats', () => {
    const big = { id: 'i2', revision: 2, payload: { amount: '9007199254740993.10' } };

    expect(
      compareReadBack(big, { ...record, fields: { amount: '9007199254740993.1' } }, known).kind,
    ).toBe('applied');
    expect(
      compareReadBack(big, { ...record, fields: { amount: '9007199254740992.1' } }, known).kind,
    ).toBe('conflict');
  });
});
