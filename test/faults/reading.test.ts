import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/kernel/hash.ts';
import { endsWell } from './i1-to-i8.ts';
import { api, gone, inSmallPages, startProgram, type Program } from './program.ts';

// The program in processes of its own reads a twin in a process of its own, while things go wrong. Whatever the case
// looks at besides, I1 to I8 are checked after it. These few run with every test run; `whole/` has the others.

const LIMIT_MS = 120_000;

let program: Program;
beforeAll(async () => {
  program = await startProgram({ system: 'salesforce', streams: ['Account', 'Product2'] });
}, 240_000);
afterAll(() => program?.stop(), 60_000);

afterEach(async () => {
  await endsWell(program);
}, 180_000);

describe('a read goes through what passes', () => {
  const passing: readonly (readonly [name: string, rules: readonly JsonObject[]])[] = [
    ['F-19: a session that ends between two pages', [
      api({ action: 'expire_token', nth: 4 }),
      inSmallPages('Account', 60),
    ]],
    ['F-22: an answer that breaks off', [api({ action: 'truncate_body', nth: 2 })]],
    ['F-22: a sign-in page with status 200', [api({ action: 'html_page', nth: 2 })]],
  ]; // prettier-ignore
  test.each(passing)('%s', async (_, rules) => {
    await program.twin.faults(...rules);

    const read = await program.read(true);

    expect([read, (await program.twin.firings())[0]]).toEqual(['succeeded', 1]);
  }, LIMIT_MS); // prettier-ignore
});

describe('a worker that dies without a word', () => {
  // Of five pages: how many are kept when it dies.
  const points: readonly (readonly [name: string, point: string, kept: number])[] = [
    ['F-01: after a page came and before it is kept', 'pull.fetched:2', 1],
    ['F-02: with a page and its checkpoint written and not committed', 'pull.before_commit:2', 1],
    ['F-02: right after a page and its checkpoint were committed', 'pull.committed:2', 2],
  ];
  test.each(points)('%s: the same read goes on where it stood, and closes', async (_, point, kept) => {
    const doomed = await program.replace('worker', point);
    await program.twin.faults(inSmallPages('Account', 40));

    const runId = await program.start(['Account'], true);
    await gone(doomed);
    const dead = await program.pagesOf(runId);
    await program.restart();

    expect(dead).toEqual(Array.from({ length: kept }, () => 40));
    expect(await program.ended(runId)).toBe('succeeded');
    expect(await program.pagesOf(runId)).toEqual([40, 40, 40, 40, 40]);
  }, LIMIT_MS); // prettier-ignore
});

describe('rows that move', () => {
  test('F-32: a burst within one second over many page edges', async () => {
    await program.change('Account', await program.ids('Account', 30));
    await program.twin.faults(inSmallPages('Account', 7));

    const read = await program.read();

    expect(read).toBe('succeeded');
    expect((await program.twin.firings())[0]).toBeGreaterThan(3);
  }, LIMIT_MS); // prettier-ignore

  test('F-33: a row that is committed late, with a stamp before the last read, is in the next one', async () => {
    const [id = ''] = await program.ids('Account', 1);
    await program.twin.post('clock', { advanceSeconds: 300 });
    await program.read();
    const late = { object: 'Account', operation: 'update', id, fields: { Name: 'Late' } };
    await program.twin.post('mutate', { ...late, lateSeconds: 200 });

    const read = await program.read();

    expect(read).toBe('succeeded');
    expect(
      await program.sql(`select r.data ->> 'Name' as name from source_record r where r.record_id = $1`, [id]),
    ).toEqual([{ name: 'Late' }]);
  }, LIMIT_MS); // prettier-ignore
});
