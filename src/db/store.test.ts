import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { testStore, type TestStore } from '../../test/support/database.ts';
import {
  InternalError,
  NotFoundError,
  StoreUnavailable,
  ValidationError,
} from '../kernel/errors.ts';
import { openStore, type CopyRow, type TenantTx } from './store.ts';

interface Thing {
  readonly tenant_id: string;
  readonly id: string;
  readonly amount: string | null;
}
interface Tables {
  readonly thing: Thing;
}

let db: TestStore;

beforeAll(async () => {
  db = await testStore();
  await db.store.asOwner(async (tx) => {
    await tx.run(`create table thing (tenant_id text not null, id text not null, amount numeric(20, 6),
      primary key (tenant_id, id))`);
    await tx.sql(`select app.protect('thing')`);
  });
});
afterAll(() => db.close());
beforeEach(() => db.store.withTenant(db.tenantId, (tx) => tx.run('delete from thing')));

function add(tx: TenantTx, id: string): Promise<number> {
  return tx.run('insert into thing (tenant_id, id) values ($1, $2)', [tx.tenantId, id]);
}

function ids(): Promise<readonly string[]> {
  return db.store.readTenant(db.tenantId, async (tx) => {
    const rows = await tx.sql<{ id: string }>('select thing.id from thing order by thing.id');
    return rows.map((row) => row.id);
  });
}

describe('a tenant transaction', () => {
  test('keeps its rows when its function resolves', async () => {
    const touched = await db.store.withTenant(db.tenantId, (tx) => add(tx, 'a'));

    expect(touched).toBe(1);
    expect(await ids()).toEqual(['a']);
  });

  test('leaves nothing when its function throws', async () => {
    const work = db.store.withTenant(db.tenantId, async (tx) => {
      await add(tx, 'a');
      throw new ValidationError('no');
    });

    await expect(work).rejects.toThrow(ValidationError);
    expect(await ids()).toEqual([]);
  });

  test('does not pass as committed when a failed statement was swallowed', async () => {
    const work = db.store.withTenant(db.tenantId, async (tx) => {
      await add(tx, 'a');
      await add(tx, 'a').catch(() => 0);
    });

    await expect(work).rejects.toThrow(InternalError);
    expect(await ids()).toEqual([]);
  });

  test('is dead after its function has returned', async () => {
    const leaked = await db.store.withTenant(db.tenantId, async (tx) => tx);

    await expect(leaked.run('delete from thing')).rejects.toThrow(InternalError);
  });

  test('runs statements in the order of their calls, also when nobody waits in between', async () => {
    await db.store.withTenant(db.tenantId, async (tx) => {
      await Promise.all([
        add(tx, 'a'),
        tx.run(`update thing set id = 'b' where id = 'a'`),
        tx.stage('thing', ['tenant_id', 'id'], [[tx.tenantId, 'x']]),
        add(tx, 'a'),
      ]);
    });

    expect(await ids()).toEqual(['a', 'b']);
  });

  test.each(['', 'Acme', 'a b', `x'; drop table thing; --`, 'a'.repeat(64)])(
    'refuses the tenant id %j before anything is sent',
    async (id) => {
      await expect(db.store.withTenant(id, async () => 1)).rejects.toThrow(ValidationError);
    },
  );

  test('is refused for a tenant that does not exist', async () => {
    const work = db.store.withTenant('nobody', async () => 1);

    await expect(work).rejects.toThrow(NotFoundError);
  });

  test('leaves a connection that raises without a tenant, on reuse', async () => {
    const single = openStore({ url: db.url, poolSize: 1 });
    await single.withTenant(db.tenantId, (tx) => add(tx, 'a'));

    const reuse = single.asOwner((tx) => tx.sql('select thing.id from thing'));

    await expect(reuse).rejects.toThrow('no tenant is set');
    await single.close();
  });
});

describe('Kysely inside a transaction', () => {
  test('is bound to the tenant and to the transaction', async () => {
    const work = db.store.withTenant(db.tenantId, async (tx) => {
      const kysely = tx.db<Tables>();
      await kysely
        .insertInto('thing')
        .values({ tenant_id: tx.tenantId, id: 'k', amount: '1.50' })
        .execute();
      const updated = await kysely.updateTable('thing').set({ amount: '2' }).executeTakeFirst();
      const rows = await kysely.selectFrom('thing').select(['thing.id', 'thing.amount']).execute();
      return { updated: updated.numUpdatedRows, rows };
    });

    expect(await work).toEqual({ updated: 1n, rows: [{ id: 'k', amount: '2.000000' }] });
  });

  test('cannot open a transaction of its own', async () => {
    const work = db.store.withTenant(db.tenantId, (tx) =>
      tx
        .db<Tables>()
        .transaction()
        .execute(async () => 1),
    );

    await expect(work).rejects.toThrow(InternalError);
  });
});

describe('values from the database', () => {
  test('keep their exact decimal, calendar and instant form', async () => {
    const [row] = await db.store.readTenant(db.tenantId, (tx) =>
      tx.sql(`select 12345678901234567890.123456::numeric as amount, '2026-03-29'::date as day,
        9007199254740991::int8 as safe, '2026-01-02 03:04:05.678Z'::timestamptz as stamp,
        '{"a": [1, null]}'::jsonb as body, array[1.10, null]::numeric[] as amounts,
        array['2026-03-29']::date[] as days, array[1, null]::int8[] as counts,
        'infinity'::timestamptz as never, '-infinity'::date as ever, true as flag`),
    );

    expect(row).toEqual({
      amount: '12345678901234567890.123456',
      day: '2026-03-29',
      safe: 9_007_199_254_740_991,
      stamp: new Date('2026-01-02T03:04:05.678Z'),
      body: { a: [1, null] },
      amounts: ['1.10', null],
      days: ['2026-03-29'],
      counts: [1, null],
      never: null,
      ever: null,
      flag: true,
    });
  });

  test('raise when an integer is too large to be exact', async () => {
    const work = db.store.readTenant(db.tenantId, (tx) =>
      tx.sql('select 9007199254740992::int8 as big'),
    );

    await expect(work).rejects.toThrow(/9007199254740992 .*exceeds 2\^53/);
  });

  test('a stamp of the database clock compares equal after a trip through JavaScript', async () => {
    const equal = await db.store.withTenant(db.tenantId, async (tx) => {
      await tx.run('create temporary table stamp on commit drop as select app.clock() as at');
      const [stored] = await tx.sql<{ at: Date }>('select stamp.at from stamp');
      return await tx.sql('select from stamp where stamp.at = $1', [stored?.at ?? null]);
    });

    expect(equal).toHaveLength(1);
  });

  test('the database clock runs on inside a transaction', async () => {
    const [first, second] = await db.store.readTenant(db.tenantId, async (tx) => {
      const before = await tx.clock();
      await tx.sql('select pg_sleep(0.02)');
      return [before, await tx.clock()];
    });

    expect(second.getTime()).toBeGreaterThan(first.getTime());
  });
});

describe('staging', () => {
  test('copied rows reach a protected table through a set-wise statement', async () => {
    const staged = await db.store.withTenant(db.tenantId, async (tx) => {
      const rows = [
        [tx.tenantId, 'a', '1'],
        [tx.tenantId, 'b', null],
      ];
      const stage = await tx.stage('thing', ['tenant_id', 'id', 'amount'], rows);
      await tx.run(
        `insert into thing (tenant_id, id, amount) select s.tenant_id, s.id, s.amount from ${stage.table} s`,
      );
      return stage.rows;
    });

    expect(staged).toBe(2);
    expect(await ids()).toEqual(['a', 'b']);
  });

  test('a row of another tenant cannot be carried in', async () => {
    const work = db.store.withTenant(db.tenantId, async (tx) => {
      const stage = await tx.stage('thing', ['tenant_id', 'id'], [[db.otherTenantId, 'a']]);
      await tx.run(
        `insert into thing (tenant_id, id) select s.tenant_id, s.id from ${stage.table} s`,
      );
    });

    await expect(work).rejects.toThrow('row-level security');
  });

  test('a source that fails half way fails the transaction with its own error and frees the connection', async () => {
    const single = openStore({ url: db.url, poolSize: 1 });
    function* broken(): Generator<CopyRow> {
      for (let at = 0; at < 10_000; at += 1) yield [db.tenantId, `row ${at}`];
      throw new ValidationError('the source broke');
    }

    const work = single.withTenant(db.tenantId, (tx) =>
      tx.stage('thing', ['tenant_id', 'id'], broken()),
    );

    await expect(work).rejects.toThrow('the source broke');
    await single.ping();
    await single.close();
  });

  test('a value that the column cannot hold is refused by the server and frees the connection', async () => {
    const single = openStore({ url: db.url, poolSize: 1 });

    const work = single.withTenant(db.tenantId, (tx) =>
      tx.stage('thing', ['tenant_id', 'id', 'amount'], [[tx.tenantId, 'a', 'twelve']]),
    );

    await expect(work).rejects.toThrow(/numeric.*twelve/);
    await single.ping();
    await single.close();
  });

  test('a table or column name that is not plain is refused', async () => {
    const work = db.store.withTenant(db.tenantId, (tx) => tx.copy('thing; drop', ['id'], []));

    await expect(work).rejects.toThrow(InternalError);
  });
});

describe('steps after the commit', () => {
  test('run in order, see the committed rows, and cannot undo them', async () => {
    const seen: unknown[] = [];
    await db.store.withTenant(db.tenantId, async (tx) => {
      tx.afterCommit(async () => {
        seen.push(await ids());
      });
      tx.afterCommit(() => {
        throw new ValidationError('too late');
      });
      tx.afterCommit(() => {
        seen.push('last');
      });
      await add(tx, 'a');
    });

    expect(seen).toEqual([['a'], 'last']);
  });

  test('do not run after a rollback', async () => {
    let ran = false;
    const work = db.store.withTenant(db.tenantId, async (tx) => {
      tx.afterCommit(() => {
        ran = true;
      });
      throw new ValidationError('no');
    });

    await expect(work).rejects.toThrow('no');
    expect(ran).toBe(false);
  });
});

describe('a reading transaction', () => {
  test('cannot write', async () => {
    const work = db.store.readTenant(db.tenantId, (tx) => add(tx, 'a'));

    await expect(work).rejects.toThrow('read-only transaction');
  });

  test('sees one unchanging snapshot', async () => {
    const counts = await db.store.readTenant(db.tenantId, async (tx) => {
      const before = await tx.sql('select thing.id from thing');
      await db.store.withTenant(db.tenantId, (writer) => add(writer, 'new'));
      return [before.length, (await tx.sql('select thing.id from thing')).length];
    });

    expect(counts).toEqual([0, 0]);
  });
});

describe('a serialization conflict', () => {
  /** Two transactions read both rows and write one each; one of them must give way. */
  async function collide(retry: boolean): Promise<readonly PromiseSettledResult<number>[]> {
    await db.store.withTenant(db.tenantId, async (tx) => {
      await add(tx, 'a');
      await add(tx, 'b');
    });
    let arrived = 0;
    let open: () => void = () => undefined;
    const bothHaveRead = new Promise<void>((resolve) => {
      open = resolve;
    });
    const spend = (id: string) =>
      db.store.withTenant(
        db.tenantId,
        async (tx) => {
          await tx.sql('select sum(thing.amount) from thing');
          arrived += 1;
          if (arrived === 2) open();
          await bothHaveRead;
          return await tx.run('update thing set amount = 1 where id = $1', [id]);
        },
        { retry, isolation: 'serializable' },
      );
    return await Promise.allSettled([spend('a'), spend('b')]);
  }

  test('is run again when the caller allows it', async () => {
    const outcomes = await collide(true);

    expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'fulfilled']);
  });

  test('reaches the caller otherwise', async () => {
    const outcomes = await collide(false);

    expect(outcomes.map((outcome) => outcome.status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });
});

describe('a lost database', () => {
  test('gives a retryable error, and the next transaction works', async () => {
    const work = db.store.withTenant(db.tenantId, async (tx) => {
      await add(tx, 'a');
      const [self] = await tx.sql<{ pid: number }>('select pg_backend_pid() as pid');
      await db.store.asOwner((other) =>
        other.sql('select pg_terminate_backend($1)', [self?.pid ?? 0]),
      );
      // The news must reach an idle connection, where nobody waits for it.
      await db.store.asOwner((other) => other.sql('select pg_sleep(0.1)'));
      await tx.sql('select 1');
    });

    await expect(work).rejects.toThrow(StoreUnavailable);
    expect(await ids()).toEqual([]);
  });

  test('is named by ping', async () => {
    const nowhere = openStore({ url: 'postgres://trueup:x@127.0.0.1:1/trueup', poolSize: 1 });

    await expect(nowhere.ping()).rejects.toThrow(StoreUnavailable);
    await nowhere.close();
  });
});

describe('a named lock', () => {
  test('is held by one at a time and is free afterwards', async () => {
    const outer = await db.store.tryLock('sweep', async () =>
      db.store.tryLock('sweep', async () => 'inner'),
    );
    const after = await db.store.tryLock('sweep', async () => 'again');

    expect(outer).toEqual({ held: true, value: { held: false } });
    expect(after).toEqual({ held: true, value: 'again' });
  });

  test('tells its holder when the connection that holds it breaks', async () => {
    const outcome = await db.store.tryLock('sweep', async (lost) => {
      await db.store.asOwner((tx) =>
        tx.sql(`select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and database =
          (select oid from pg_database where datname = current_database())`),
      );
      if (!lost.aborted) await new Promise((resolve) => lost.addEventListener('abort', resolve));
      return await db.store.tryLock('sweep', async () => 'taken over');
    });

    expect(outcome).toEqual({ held: true, value: { held: true, value: 'taken over' } });
  });
});
