import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createPrng } from './prng.ts';
import { checksumOf, createVendorIds, isSalesforceId, salesforceId } from './vendor-ids.ts';

describe('Salesforce ids', () => {
  // Ids of the vendor's REST guide (the first two) and of published walk-throughs of the rule.
  test.each([
    ['001D000000IqhSL', 'IAZ'],
    ['001D000000Iomaz', 'IAB'],
    ['a0D30000001n7Pi', 'EAI'],
    ['0019000000B98de', 'AAB'],
  ])('the checksum of %s is %s', (id15, checksum) => {
    expect(checksumOf(id15)).toBe(checksum);
  });

  test('every serial gives a valid id of its own, and later serials sort later', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 10_000_000 }),
        fc.integer({ min: 1, max: 1000 }),
        (serial, gap) => {
          const first = salesforceId('Order', serial);
          const second = salesforceId('Order', serial + gap);

          expect(isSalesforceId(first, 'Order')).toBe(true);
          expect(first < second).toBe(true);
        },
      ),
    );
  });

  test('a changed character, another object and another length are no valid id', () => {
    const id = salesforceId('Account', 12_345_678);

    expect(isSalesforceId(id, 'Contract')).toBe(false);
    expect(isSalesforceId(id.toUpperCase())).toBe(false);
    expect(isSalesforceId(id.slice(0, 15))).toBe(false);
    expect(() => checksumOf('001')).toThrow('15 characters');
  });
});

describe('other ids', () => {
  test('a UUID says its version and variant, and sorts by the time of creation', () => {
    const ids = createVendorIds(createPrng(1));

    const made = ['2024-01-01T00:00:00Z', '2024-01-01T00:00:00Z', '2025-06-01T10:00:00Z'].map(
      (at) => ids.uuid(at),
    );

    expect(made).toEqual(made.toSorted());
    for (const id of made)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test('NetSuite transactions share one rising series', () => {
    const ids = createVendorIds(createPrng(1));

    const made = Array.from({ length: 50 }, () => Number(ids.netsuite('transaction')));

    expect(made).toEqual([...new Set(made)].toSorted((a, b) => a - b));
  });
});
