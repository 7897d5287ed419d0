import { describe, expect, test } from '@jest/globals';
import { undoEffect, type WrittenRecord } from './undo-writes.ts';

const MAPPING = { id: 'acme.order', version: 3 };
const RECORD: WrittenRecord = {
  connection: 'erp',
  object: 'order',
  externalId: 'x1',
  canonicalId: 'deal:1',
  targetId: null,
  vendorId: '17',
  before: {
    vendorId: '17',
    fields: {
      memo: 'ours',
      total: '100.00',
      entity: { id: '4', refName: 'Northwind' },
      item: { items: [{ line: 1, quantity: 2, amount: '20.00' }] },
    },
  },
  payloads: [
    { memo: 'wrong', entity: { id: '5' } },
    { memo: 'worse', item: { items: [{ quantity: 9 }, { quantity: 1 }] }, note: 'new' },
  ],
  hashBefore: 'h1',
};

describe('the effect that brings a record back', () => {
  test('holds every field that was sent since, as it was, and null where it had no value', () => {
    expect(undoEffect(RECORD, MAPPING)).toEqual({
      connection: 'erp',
      object: 'order',
      canonicalId: 'deal:1',
      vendorId: null,
      fields: {
        memo: 'ours',
        entity: { id: '4' },
        item: { items: [{ quantity: 2 }] },
        note: null,
      },
      mapping: MAPPING,
      asDecided: true,
      standsFor: 'h1',
    });
  });

  test('never holds what the other system keeps for itself: members that were not sent', () => {
    const text = JSON.stringify(undoEffect(RECORD, MAPPING)?.fields);

    expect(text).not.toMatch(/refName|amount|total|line/);
  });

  test('is none for a record that was not there before, or of which nobody knows', () => {
    expect([
      undoEffect({ ...RECORD, before: { absent: true } }, MAPPING),
      undoEffect({ ...RECORD, before: null }, MAPPING),
    ]).toEqual([null, null]);
  });
});
