import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { appendFile, cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbedded, type Embedded } from '../embedded/start-embedded.ts';
import { DATA_FOLDER, MANIFEST_FILE, type Manifest } from './manifest.ts';
import { restoreBackup } from './restore-backup.ts';
import { takeBackup } from './take-backup.ts';

let base: string;
let home: string;
let backup: string;
let manifest: Manifest;
let server: Embedded;
let afterwards: number;

const start = async (at: string) => (server = await startEmbedded({ home: at, durable: false }));

async function query(sql: string): Promise<readonly { readonly n: number }[]> {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const count = async () => (await query('select count(*)::int as n, sum(id)::int from thing'))[0]?.n;

/** A store that is written all the time, before, while and after its backup is taken. */
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'backup-'));
  home = join(base, 'home');
  backup = join(base, 'backups', 'first');
  await start(home);
  await query(
    'create table thing (id int primary key, filler text); insert into thing select n, repeat(md5(n::text), 20) from generate_series(1, 5000) n',
  );
  let stop = false;
  let next = 5_000;
  const writing = (async () => {
    while (!stop)
      await query(`insert into thing values (${(next += 1)}, repeat('x', 1000)); update thing set filler = md5(random()::text) where id % 500 = ${next % 500}`);
  })(); // prettier-ignore
  manifest = await takeBackup({ home, to: backup, version: 'test' });
  afterwards = (await count()) ?? 0;
  await query('delete from thing where id <= 1000; create table later (id int)');
  stop = true;
  await writing;
}, 120_000);
afterEach(() => server.stop());
afterAll(() => rm(base, { recursive: true, force: true }));

describe('a backup of the embedded store', () => {
  test('F-61: brings back one moment of a store that was written meanwhile, in its own home and in another', async () => {
    await server.stop();

    const here = await restoreBackup({ home, from: backup });
    await start(home);
    const [again, later] = [await count(), await query(`select count(*)::int as n from pg_class where relname = 'later'`)];
    await server.stop();
    await restoreBackup({ home: join(base, 'other'), from: backup });
    await start(join(base, 'other'));
    const elsewhere = await count();
    await query('insert into thing values (-1)');

    expect(again).toBeGreaterThanOrEqual(5_000);
    expect(again).toBeLessThanOrEqual(afterwards);
    expect([later[0]?.n, elsewhere]).toEqual([0, again]);
    expect(await readdir(here.before ?? '')).toContain('PG_VERSION');
  }, 120_000); // prettier-ignore

  test('holds no password, no socket and no process number, and says what it is', async () => {
    const text = await readFile(join(backup, MANIFEST_FILE), 'utf8');
    const names = manifest.files.map(({ path }) => path);

    expect(JSON.parse(text)).toEqual(manifest);
    expect(names).toEqual(expect.arrayContaining(['PG_VERSION', 'backup_label', 'global/pg_control']));
    expect(names.filter((name) => /credentials|postmaster|\.key$/.test(name))).toEqual([]);
    expect(manifest).toMatchObject({ format: 1, version: 'test' });
  }); // prettier-ignore

  test('a store that runs is not replaced', async () => {
    await start(home);

    await expect(restoreBackup({ home, from: backup })).rejects.toThrow('runs. Stop it first');
    expect(await query('select 1 as n')).toHaveLength(1);
  });

  test.each([
    ['a byte more', (file: string) => appendFile(file, 'x'), 'not what was backed up'],
    ['a file less', (file: string) => rm(file), 'cannot be read'],
    ['a file more', (file: string) => writeFile(`${file}.so`, 'x'), 'does not name'],
  ])(
    'with %s it is refused, and the store stays as it is',
    async (_what, damage, message) => {
      const copy = join(base, 'damaged');
      await rm(copy, { recursive: true, force: true });
      await cp(backup, copy, { recursive: true });
      await start(home);
      const before = await count();
      await server.stop();
      await damage(join(copy, DATA_FOLDER, 'PG_VERSION'));

      await expect(restoreBackup({ home, from: copy })).rejects.toThrow(message);

      await start(home);
      expect(await count()).toBe(before);
      expect(await readdir(join(home, 'postgres'))).not.toContain('data.restoring');
    },
    60_000,
  );

  test('goes nowhere where something is already, and leaves nothing half done', async () => {
    await expect(takeBackup({ home, to: backup, version: 'test' })).rejects.toThrow('exists already');
    expect(await readdir(join(base, 'backups'))).toEqual(['first']);
  }); // prettier-ignore
});
