import { describe, expect, test } from '@jest/globals';
import { countWords, forecastWords, movedLists } from './impact-words.ts';
import type { Impact } from './review-types.ts';

const NOTHING: Impact = {
  records: 3,
  complete: true,
  counts: { create: 0, update: 0, unchanged: 3 },
  customers: { total: 0, first: [] },
  documents: { total: 0, first: [] },
  serviceDates: { total: 0, first: [] },
  entitlements: { total: 0, first: [] },
  renewals: { total: 0, first: [], forecast: { before: [], after: [] } },
  notes: [],
};

describe('what would move, in words', () => {
  test('what would not move is not told of', () => {
    expect(movedLists(NOTHING)).toEqual([]);
    expect(forecastWords(NOTHING)).toBeNull();
    expect(countWords(NOTHING.counts)).toBe('3 unchanged');
    expect(countWords({})).toBe('no record');
  });

  test('every kind tells what it was and what it would be, with the whole number of them', () => {
    const term = { from: '2026-01-01', to: '2027-01-01' };
    const right = { ...term, status: 'active', quantity: '25' };
    const renewal = { on: '2027-01-01', notice: '2026-10-03', total: '9000.00' };
    const impact: Impact = {
      ...NOTHING,
      customers: { total: 250, first: [{ ref: 'A1', name: 'Acme' }] },
      documents: {
        total: 1,
        first: [
          {
            noun: 'invoice',
            ref: 'I1',
            number: 'INV-1',
            customer: 'Acme',
            fields: [{ field: 'total', before: '1', after: null }],
          },
        ],
      },
      serviceDates: {
        total: 1,
        first: [{ noun: 'orderLine', ref: 'L1', before: term, after: { ...term, to: null } }],
      },
      entitlements: { total: 1, first: [{ ref: 'E1', sku: 'MER', before: right, after: null }] },
      renewals: {
        total: 1,
        first: [{ ref: 'R1', currency: 'EUR', before: null, after: renewal }],
        forecast: {
          before: [{ amount: '0.00', currency: 'EUR' }],
          after: [{ amount: '9000.00', currency: 'EUR' }],
        },
      },
    };

    const lists = movedLists(impact);

    expect(lists.map(({ title, total }) => [title, total])).toEqual([
      ['Customers', 250],
      ['Orders, invoices and deals', 1],
      ['Service dates', 1],
      ['Rights', 1],
      ['Renewals', 1],
    ]);
    expect(lists.map(({ lines }) => lines[0]?.text)).toEqual([
      'Acme',
      'invoice INV-1 of Acme: total 1 → none',
      'orderLine L1: 2026-01-01 to 2027-01-01 → 2026-01-01 to open',
      'MER (E1): 25, active, 2026-01-01 to 2027-01-01 → none',
      'R1: none → 9000.00 EUR on 2027-01-01, notice by 2026-10-03',
    ]);
    expect(forecastWords(impact)).toBe('0.00 EUR → 9000.00 EUR');
  });
});
