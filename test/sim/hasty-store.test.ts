import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { InternalError } from '../../src/kernel/errors.ts';
import { testStore, type TestStore } from '../support/database.ts';
import { hastenStore } from './hasty-store.ts';
import { DAWN } from './virtual-time.ts';

describe('the store in a hurry', () => {
  let db: TestStore;

  beforeAll(async () => {
    db = await testStore();
    hastenStore();
    await db.store.asOwner((tx) => tx.run(`create table public.written (n int)`));
    await db.store.asOwner((tx) => tx.run(`grant select on public.written to trueup_app`));
  });
  afterAll(() => db.close());

  const seen = async (): Promise<readonly unknown[]> =>
    await db.store.readTenant(db.tenantId, (tx) => tx.sql(`select n from written order by n`));

  test('a statement with parameters is prepared once, and answers anew each time', async () => {
    const said = await db.store.readTenant(db.tenantId, async (tx) => {
      const answers = [];
      for (const n of [1, 2, 3]) answers.push(...(await tx.sql(`select $1::int as n`, [n])));
      const kept = await tx.sql(
        `select name from pg_prepared_statements where statement = 'select $1::int as n'`,
      );
      return { answers, kept: kept.length };
    });

    expect(said).toEqual({ answers: [{ n: 1 }, { n: 2 }, { n: 3 }], kept: 1 });
  });

  test('what was written is committed by the time that its transaction is over', async () => {
    await db.store.asOwner((tx) => tx.run(`insert into written values ($1)`, [1]));

    expect(await db.look(`select n from written`)).toEqual([{ n: 1 }]);
  });

  test('who reads again sees what others wrote since', async () => {
    const before = await seen();
    await db.force(`insert into written values (2)`);

    expect([before, await seen()]).toEqual([[{ n: 1 }], [{ n: 1 }, { n: 2 }]]);
  });

  test('a reading transaction in which a statement failed unheard fails', async () => {
    const read = db.store.readTenant(db.tenantId, async (tx) => {
      await tx.sql(`select 1 / $1::int`, [0]).catch(() => undefined);
    });

    await expect(read).rejects.toThrow(InternalError);
  });

  test('a transaction has the time of the simulation and a chance of its own', async () => {
    const sql = `select current_setting('sim.now') as now, current_setting('sim.chance') as chance`;
    const ask = () => db.store.readTenant(db.tenantId, (tx) => tx.sql<{ now: string; chance: string }>(sql));

    const [[first], [second]] = [await ask(), await ask()];

    expect([first?.now, second?.now]).toEqual([String(DAWN), String(DAWN)]);
    expect(first?.chance).not.toBe(second?.chance);
  }); // prettier-ignore
});
