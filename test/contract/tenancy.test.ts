import { afterAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { testStore } from '../support/database.ts';
import { dropChecks, insertStatement, listProtectedTables } from '../support/protected-tables.ts';

const db = await testStore();
const admin = new pg.Client({ connectionString: db.adminUrl });
await admin.connect();
const tables = await listProtectedTables(admin);

afterAll(async () => {
  await admin.end();
  await db.close();
});

/** A transaction of the program's role whose tenant is set as given, rolled back; the rows that it touched. */
async function asApp(sql: string, tenant?: string): Promise<number> {
  const client = new pg.Client({ connectionString: db.url });
  await client.connect();
  try {
    // The planner is kept from indexes, so that a condition which only an index scan evaluates is not enough.
    await client.query(`begin; set local enable_indexscan = off; set local enable_indexonlyscan = off;
      set local enable_bitmapscan = off; set local role trueup_app`);
    if (tenant !== undefined)
      await client.query(`select set_config('app.tenant', $1, true)`, [tenant]);
    return (await client.query(sql)).rowCount ?? 0;
  } finally {
    await client.end();
  }
}

/** 0 also when the role may not write the table at all (append-only tables). */
async function touched(sql: string, tenant: string): Promise<number> {
  try {
    return await asApp(sql, tenant);
  } catch (error) {
    if (String(error).includes('permission denied for table')) return 0;
    throw error;
  }
}

async function putRow(table: string): Promise<string> {
  const insert = await insertStatement(admin, table, db.tenantId);
  await dropChecks(admin, table);
  await admin.query(`set session_replication_role = replica`);
  await admin.query(`delete from public."${table}"`);
  await admin.query(insert);
  return insert;
}

test('the catalogue gave tables to test, or the rules below would hold of nothing', () => {
  expect(tables.length).toBeGreaterThan(0);
});

describe.each(tables)('table $name', (table) => {
  const rows = `public."${table.name}"`;

  test('has the tenant first in its key and forced row-level security', () => {
    expect(table).toMatchObject({ firstKey: 'tenant_id text', secured: true, forced: true });
    expect(table.policies).toContain('tenant');
    expect(['tenant', 'sweep']).toEqual(expect.arrayContaining([...table.policies]));
  });

  test('raises without a tenant or with an empty one, even while it holds no row', async () => {
    await admin.query(`delete from ${rows}`);

    await expect(asApp(`select from ${rows}`)).rejects.toThrow('no tenant is set');
    await expect(asApp(`select from ${rows}`, '')).rejects.toThrow('no tenant is set');
  });

  test('raises without a tenant when it holds rows, for the owner too', async () => {
    const insert = await putRow(table.name);

    await expect(asApp(`select from ${rows}`)).rejects.toThrow('no tenant is set');
    await expect(asApp(`select from ${rows}`, '')).rejects.toThrow('no tenant is set');
    await expect(asApp(insert)).rejects.toThrow('no tenant is set');
    await expect(db.store.asOwner((tx) => tx.sql(`select from ${rows}`))).rejects.toThrow(
      'no tenant is set',
    );
  });

  test('shows a row to its own tenant and to no other (F-78)', async () => {
    await putRow(table.name);

    expect(await asApp(`select from ${rows}`, db.tenantId)).toBe(1);
    expect(await asApp(`select from ${rows}`, db.otherTenantId)).toBe(0);
  });

  test('lets no other tenant insert, change or remove a row (F-78)', async () => {
    const insert = await putRow(table.name);

    await expect(asApp(insert, db.otherTenantId)).rejects.toThrow(
      /violates row-level security policy|permission denied for table/,
    );
    expect(await touched(`update ${rows} set tenant_id = tenant_id`, db.otherTenantId)).toBe(0);
    expect(await touched(`delete from ${rows}`, db.otherTenantId)).toBe(0);
  });

  test('lets no tenant give a row away', async () => {
    await putRow(table.name);

    await expect(
      asApp(`update ${rows} set tenant_id = '${db.otherTenantId}'`, db.tenantId),
    ).rejects.toThrow(/violates row-level security policy|permission denied for table/);
  });
});

describe('the roles', () => {
  test('of the program and of the sweeper cannot log in and bypass nothing', async () => {
    const { rows } = await admin.query(
      `select rolname, rolsuper or rolbypassrls or rolcanlogin or rolcreaterole or rolcreatedb as strong
      from pg_roles where rolname like 'trueup\\_%' order by 1`,
    );

    expect(rows).toEqual([
      { rolname: 'trueup_app', strong: false },
      { rolname: 'trueup_sweeper', strong: false },
    ]);
  });

  test('of the program owns nothing; that of the sweeper owns functions alone', async () => {
    const { rows } = await admin.query(
      `select d.classid::regclass::text as kind, d.refobjid::regrole::text as owner
      from pg_shdepend d where d.deptype = 'o' and d.refobjid::regrole::text like 'trueup\\_%'
        -- Of this database: suites beside this one keep temporary tables in theirs.
        and d.dbid = (select oid from pg_database where datname = current_database())
      group by 1, 2`,
    );

    expect(rows.filter((row) => row.owner === 'trueup_app')).toEqual([]);
    expect(rows.filter((row) => row.kind !== 'pg_proc')).toEqual([]);
  });

  test('of the sweeper reads and never writes', async () => {
    const { rows } = await admin.query(
      `select table_name, privilege_type from information_schema.role_table_grants
      where grantee = 'trueup_sweeper' and privilege_type <> 'SELECT'`,
    );

    expect(rows).toEqual([]);
  });

  test('that a function borrows is the sweeper, and the program itself may not call such a function', async () => {
    const { rows } = await admin.query(
      `select p.oid::regprocedure::text as name, p.proowner::regrole::text as owner,
        has_function_privilege('trueup_app', p.oid, 'execute') as callable
      from pg_proc p
      where p.prosecdef and p.pronamespace in ('public'::regnamespace, 'app'::regnamespace)`,
    );

    for (const row of rows) expect(row).toMatchObject({ owner: 'trueup_sweeper', callable: false });
  });

  test('of the program may change no tenant', async () => {
    await expect(asApp(`update public.tenant set name = 'x'`, db.tenantId)).rejects.toThrow(
      'permission denied',
    );
    await expect(
      asApp(`insert into public.tenant (id, name) values ('x', 'x')`, db.tenantId),
    ).rejects.toThrow('permission denied');
  });
});

test('a view answers with the rights of the reader, so that it cannot show what a table hides', async () => {
  const { rows } = await admin.query(
    `select relname from pg_class where relnamespace = 'public'::regnamespace
      and (relkind = 'm' or (relkind = 'v' and not coalesce(reloptions @> array['security_invoker=true'], false)))`,
  );

  expect(rows).toEqual([]);
});

test('no table stands outside schema public, where nothing would test it', async () => {
  const { rows } = await admin.query(
    `select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and n.nspname not in ('public', 'pg_catalog', 'information_schema', 'bullmq')
      and n.nspname not like 'pg\\_%'`,
  );

  expect(rows).toEqual([]);
});

describe('a table is refused protection', () => {
  test.each([
    ['without a key', 'create table bad (tenant_id text)', 'begins with nothing'],
    [
      'with another key',
      'create table bad (id text primary key, tenant_id text)',
      'begins with id',
    ],
  ])('%s', async (_, create, message) => {
    const work = db.store.asOwner(async (tx) => {
      await tx.run(create);
      await tx.sql(`select app.protect('bad')`);
    });

    await expect(work).rejects.toThrow(message);
  });
});

describe('the sweeper', () => {
  test('reads across tenants what it was let see, through its functions, and nothing else', async () => {
    await db.store.asOwner(async (tx) => {
      await tx.run('create table due (tenant_id text, id text, primary key (tenant_id, id))');
      await tx.run('create table hidden (tenant_id text, id text, primary key (tenant_id, id))');
      await tx.sql(`select app.protect('due'), app.protect('hidden'), app.let_sweep('due')`);
      await tx.run(`create function app.due_test() returns setof text language sql
        as $$ select due.id from public.due order by due.id $$`);
      await tx.run(`create function app.hidden_test() returns setof text language sql
        as $$ select hidden.id from public.hidden $$`);
      await tx.sql(
        `select app.run_as_sweeper('app.due_test()'), app.run_as_sweeper('app.hidden_test()')`,
      );
    });
    for (const tenant of [db.tenantId, db.otherTenantId]) {
      await db.store.withTenant(tenant, (tx) =>
        tx.run('insert into due values ($1, $1)', [tenant]),
      );
    }

    const due = await db.store.asOwner((tx) => tx.sql('select id from app.due_test() as id'));
    const hidden = db.store.asOwner((tx) => tx.sql('select app.hidden_test()'));

    expect(due).toEqual([{ id: db.tenantId }, { id: db.otherTenantId }]);
    await expect(hidden).rejects.toThrow(/permission denied for table hidden|no tenant is set/);
    await expect(asApp('select app.due_test()', db.tenantId)).rejects.toThrow(
      'permission denied for function',
    );
  });
});
