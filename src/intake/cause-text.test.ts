import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testStore, type TestStore } from '../../test/support/database.ts';

let db: TestStore;
beforeAll(async () => {
  db = await testStore();
});
afterAll(() => db.close());

const textOf = (message: string): Promise<string> =>
  db.store.withTenant(db.tenantId, async (tx) => {
    const [row] = await tx.sql<{ text: string }>(`select app.cause_text($1) as text`, [message]);
    return row?.text ?? '';
  });

describe('the text of a cause', () => {
  test.each([
    ['a quoted word', 'No tier "Gold"', 'No tier "Very silver"'],
    ['a quoted value', 'No SKU "AB-1" in 7 tables', 'No SKU "ZZ-99" in 12 tables'],
    ['a quoted list', `Unknown: 'Gold', 'Silver and more'`, `Unknown: 'Bronze'`],
    ['an id of Salesforce', 'row 006Dn00000abcdEIAQ is locked', 'row 006Dn00000zzzzEIAQ is locked'],
    ['a day and an amount', 'due 2026-03-02, 1,200.50 EUR', 'due 2025-12-31, 9.00 EUR'],
    ['an instant', 'last at 2026-03-02T10:00:00.000Z.', 'last at 2025-01-02T11:12:13.123Z.'],
    ['an address', 'write to ada@example.com', 'write to bob.b@example.org'],
    ['a page', 'see https://a.example/x?y=1 now', 'see https://b.example/z now'],
    [
      'an id of ours',
      'intent abcdefghijklmnopqrstuvwxyz is',
      'intent zyxwvutsrqponmlkjihgfedcba is',
    ],
    ['spaces and case', 'Field  is\nmissing', 'field is missing'],
  ])('is the same whatever it is about: %s', async (_what, one, other) => {
    expect(await textOf(one)).toBe(await textOf(other));
  });

  test('keeps what is wrong, and an apostrophe quotes nothing', async () => {
    expect(await textOf(`Don't: the field Amount can't be blank`)).toBe(
      `don't: the field amount can't be blank`,
    );
    expect(await textOf('Amount is missing')).not.toBe(await textOf('Currency is missing'));
  });
});
