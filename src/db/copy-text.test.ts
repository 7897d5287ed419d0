import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { testStore, type TestStore } from '../../test/support/database.ts';
import { ValidationError } from '../kernel/errors.ts';
import { copyText } from './copy-text.ts';
import type { CopyRow } from './tenant-tx.ts';

let db: TestStore;

beforeAll(async () => {
  db = await testStore();
});
afterAll(() => db.close());

async function roundTrip(rows: readonly CopyRow[]): Promise<readonly CopyRow[]> {
  return await db.store.withTenant(db.tenantId, async (tx) => {
    await tx.run('create temporary table pair (at integer, a text, b text) on commit drop');
    const numbered = rows.map((row, at) => [String(at), ...row]);
    await tx.copy('pair', ['at', 'a', 'b'], numbered);
    const back = await tx.sql<{ a: string | null; b: string | null }>(
      'select a, b from pair order by at',
    );
    return back.map((row) => [row.a, row.b]);
  });
}

const field = fc.option(
  fc.oneof(
    fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', '')),
    fc.string({ unit: fc.constantFrom('\\', '\t', '\n', '\r', 'N', '.', 'é', '😀', '') }),
    fc.constantFrom('\\N', '\\.', '', 'null', '\b\f\v'),
  ),
  { nil: null },
);

describe('COPY text', () => {
  test('every text and null comes back from PostgreSQL as it was sent', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(field, field), { maxLength: 30 }), async (rows) => {
        const back = await roundTrip(rows);

        expect(back).toEqual(rows);
      }),
      { numRuns: 60 },
    );
  });

  test('rows that fill many chunks arrive all and in order', async () => {
    const rows = Array.from({ length: 5_000 }, (_, at) => [`row ${at}`, 'x'.repeat(100)]);

    const back = await roundTrip(rows);

    expect(back).toEqual(rows);
  });

  test('a generator of any kind is a source of rows', async () => {
    async function* later(): AsyncGenerator<CopyRow> {
      yield ['a'];
      yield [null];
    }

    const chunks = await Array.fromAsync(copyText(['name'], later()));

    expect(Buffer.concat(chunks).toString()).toBe('a\n\\N\n');
  });

  test.each([
    ['a NUL character', ['ok', 'a\0b'], /Row 1 holds a NUL character in b/],
    ['half of a surrogate pair', ['ok', 'a\ud800'], /Row 1 holds half of a surrogate pair/],
    ['a missing value', ['ok'], /Row 1 has 1 values for 2 columns/],
  ])('%s is refused with the number of its row', async (_, row, message) => {
    const rows = [['fine', 'fine'], row];

    const encoding = Array.fromAsync(copyText(['a', 'b'], rows));

    await expect(encoding).rejects.toThrow(ValidationError);
    await expect(Array.fromAsync(copyText(['a', 'b'], rows))).rejects.toThrow(message);
  });
});
