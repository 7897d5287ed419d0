import { describe, expect, test } from '@jest/globals';
import { differsSince, undoEffect, type WrittenRecord } from './undo-writes.ts';

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
    const about = { products: ['S-1'], account: 'C-1', worth: null };

    expect(undoEffect({ ...RECORD, about }, MAPPING)).toEqual({
      about,
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
      expects: {
        memo: ['wrong', 'worse'],
        'entity.id': ['5'],
        'item.items': [[{ quantity: 9 }, { quantity: 1 }]],
        note: ['new'],
      },
    });
  });

  test('expects nothing where it shall write over what was changed since', () => {
    expect(undoEffect(RECORD, MAPPING, true)).not.toHaveProperty('expects');
  });

  test('is none where every field was left alone when it was sent', () => {
    expect(undoEffect({ ...RECORD, payloads: [{}] }, MAPPING)).toBeNull();
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

describe('what was changed since', () => {
  const held = { memo: 'ours', entity: { id: '5', refName: 'Acme' }, item: { items: [{ line: 1, quantity: 9 }, { line: 2, quantity: 1 }] }, note: 'new' }; // prettier-ignore

  test('is what holds neither what was there before nor anything that was sent, with all three values', () => {
    expect(differsSince(RECORD, held)).toEqual([]);
    expect(differsSince(RECORD, { ...held, memo: 'wrong' })).toEqual([]);
    expect(differsSince(RECORD, { ...held, memo: 'by hand', note: null })).toEqual([
      { field: 'memo', before: 'ours', written: 'worse', now: 'by hand' },
    ]);
  });

  test('of a list is the list: one line that somebody changed, added or took away', () => {
    const [first] = held.item.items;
    const written = [{ quantity: 9 }, { quantity: 1 }];

    expect(differsSince(RECORD, { ...held, item: { items: [...held.item.items, { line: 3, quantity: 1 }] } })).toMatchObject([{ field: 'item.items', before: [{ quantity: 2 }], written }]); // prettier-ignore
    expect(differsSince(RECORD, { ...held, item: { items: [first ?? null, { line: 2, quantity: 4 }] } })).toHaveLength(1); // prettier-ignore
  });
});
