import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emptyDatabase } from '../../test/support/database.ts';
import { ConfigError } from '../kernel/errors.ts';
import { readMigrations } from './migration-files.ts';
import { migrate } from './migrate.ts';
import { openStore } from './store.ts';

let folder: string;
let url: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'migrations-'));
  url = await emptyDatabase();
});
afterEach(() => rm(folder, { recursive: true }));

async function file(name: string, sql: string, header = '-- breaking: no\n'): Promise<void> {
  await writeFile(join(folder, name), header + sql);
}

async function query(sql: string): Promise<readonly object[]> {
  const store = openStore({ url, poolSize: 1 });
  try {
    return await store.asOwner((tx) => tx.sql(sql));
  } finally {
    await store.close();
  }
}

describe('migrations', () => {
  test('run once, in the order of their numbers', async () => {
    await file('0002-room-second.sql', 'insert into step values (2);');
    await file('0001-room-first.sql', 'create table step (n int); insert into step values (1);');

    const first = await migrate({ url, folder });
    const second = await migrate({ url, folder });

    expect(first).toEqual(['0001-room-first.sql', '0002-room-second.sql']);
    expect(second).toEqual([]);
    expect(await query('select n from step order by n')).toEqual([{ n: 1 }, { n: 2 }]);
  });

  test('run once when many processes migrate at the same moment', async () => {
    await file('0001-room-first.sql', 'create table step (n int); select pg_sleep(0.05);');
    await file('0002-room-second.sql', 'insert into step values (2);');

    const outcomes = await Promise.all([1, 2, 3, 4].map(() => migrate({ url, folder })));

    expect(outcomes.flat().toSorted()).toEqual(['0001-room-first.sql', '0002-room-second.sql']);
    expect(await query('select n from step')).toEqual([{ n: 2 }]);
  });

  test('of this version apply to an empty database', async () => {
    const applied = await migrate({ url });

    expect(applied).toEqual((await readMigrations()).map((migration) => migration.name));
  });

  test('that fail leave nothing of themselves and keep the files before them (F-9)', async () => {
    await file('0001-room-first.sql', 'create table step (n int);');
    await file('0002-room-second.sql', 'insert into step values (1); select 1 / 0;');

    await expect(migrate({ url, folder })).rejects.toThrow(
      /0002-room-second.sql failed: division by zero/,
    );

    expect(await query('select n from step')).toEqual([]);
    expect(await query('select migration.name from migration')).toEqual([
      { name: '0001-room-first.sql' },
    ]);
  });

  test('that were edited after they had run refuse the start by name', async () => {
    await file('0001-room-first.sql', 'select 1;');
    await migrate({ url, folder });
    await file('0001-room-first.sql', 'select 2;');

    await expect(migrate({ url, folder })).rejects.toThrow(/0001-room-first.sql was edited/);
  });

  test('that this version does not know refuse the start: the store is newer (F-9)', async () => {
    await file('0001-room-first.sql', 'select 1;');
    await file('0002-room-second.sql', 'select 1;');
    await migrate({ url, folder });
    await rm(join(folder, '0002-room-second.sql'));

    await expect(migrate({ url, folder })).rejects.toThrow(
      /newer version \(0002-room-second.sql\)/,
    );
  });

  test('that were slipped in below the last applied one are refused', async () => {
    await file('0002-room-second.sql', 'select 1;');
    await migrate({ url, folder });
    await file('0001-room-first.sql', 'select 1;');

    await expect(migrate({ url, folder })).rejects.toThrow(/0001-room-first.sql is numbered below/);
  });

  test.each([
    ['without a header', 'select 1;', /0001-room-x.sql must begin with/],
    ['breaking without a reason', '-- breaking: yes\nselect 1;', /0001-room-x.sql must begin with/],
  ])('%s are refused', async (_, sql, message) => {
    await file('0001-room-x.sql', sql, '');

    await expect(migrate({ url, folder })).rejects.toThrow(message);
  });

  test('say whether they break the version before', async () => {
    await file('0001-room-a.sql', 'select 1;', '-- breaking: yes\n-- reason: a column goes\n');
    await file('0002-room-b.sql', 'select 1;');

    const files = await readMigrations(folder);

    expect(files.map((migration) => migration.breaking)).toEqual([true, false]);
  });

  test.each([
    ['one.sql', /one.sql must be named/],
    ['0001-room-b.sql', /share a number/],
  ])('the file name %s is refused beside 0001-room-a.sql', async (name, message) => {
    await file('0001-room-a.sql', 'select 1;');
    await file(name, 'select 1;');

    await expect(readMigrations(folder)).rejects.toThrow(ConfigError);
    await expect(readMigrations(folder)).rejects.toThrow(message);
  });
});
