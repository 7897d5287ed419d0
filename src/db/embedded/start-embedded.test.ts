import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ConfigError } from '../../kernel/errors.ts';
import { openStore } from '../store.ts';
import { choosePrivileges } from './privileges.ts';
import { waitForExit } from './postmaster.ts';
import { findEmbedded, startEmbedded, stopEmbedded, type Embedded } from './start-embedded.ts';

const run = promisify(execFile);
const isRoot = process.getuid?.() === 0;

let base: string;
let home: string;
const running: Embedded[] = [];

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'embedded-'));
  home = join(base, 'home');
  await (await start(home)).stop();
}, 60_000);
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
});
afterAll(() => rm(base, { recursive: true, force: true }));

async function start(at: string): Promise<Embedded> {
  const server = await startEmbedded({ home: at });
  running.push(server);
  return server;
}

async function query(url: string, sql: string): Promise<readonly object[]> {
  const store = openStore({ url, poolSize: 1 });
  try {
    return await store.asOwner((tx) => tx.sql(sql));
  } finally {
    await store.close();
  }
}

/** Another process that starts the same home, prints the server's process id and ends. */
async function startElsewhere(at: string): Promise<number> {
  const module = new URL('./start-embedded.ts', import.meta.url).href;
  const code = `import { startEmbedded } from ${JSON.stringify(module)};
    const { pid } = await startEmbedded({ home: ${JSON.stringify(at)} });
    console.log(pid);`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', code]);
  return Number(stdout);
}

describe('the embedded store', () => {
  test('is durable, checked, UTF-8, and asks for a password', async () => {
    const server = await start(home);

    const [row] = await query(
      server.url,
      `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
        current_setting('data_checksums') as checksums, current_setting('server_encoding') as encoding,
        current_setting('max_connections') as connections, current_setting('timezone') as zone,
        (select rolsuper or rolbypassrls from pg_roles where rolname = current_user) as super`,
    );
    const wrong = new URL(server.url);
    wrong.password = 'guess';

    expect(row).toEqual({
      fsync: 'on', commit: 'on', checksums: 'on', encoding: 'UTF8', connections: '100', zone: 'UTC', super: false,
    }); // prettier-ignore
    await expect(query(wrong.href, 'select 1')).rejects.toThrow(/password authentication failed/);
  });

  test('keeps its passwords where only its owner can read them', async () => {
    const file = await stat(join(home, 'postgres', 'credentials.json'));
    const folder = await stat(join(home, 'postgres'));

    expect(file.mode & 0o777).toBe(0o600);
    expect(folder.mode & 0o777).toBe(0o700);
  });

  test('outlives the process that started it and is adopted by the next', async () => {
    const pid = await startElsewhere(home);

    const server = await start(home);

    expect(server).toMatchObject({ pid, adopted: true });
  });

  test('is one server however many processes start it at the same moment', async () => {
    const pids = await Promise.all([
      startElsewhere(home),
      startElsewhere(home),
      startElsewhere(home),
    ]);

    const server = await start(home);

    expect(new Set(pids)).toEqual(new Set([server.pid]));
  }, 60_000);

  test('keeps what was committed when its server is killed, and recovers at the next start', async () => {
    const first = await start(home);
    await query(first.url, 'drop table if exists kept');
    await query(first.url, 'create table kept as select generate_series(1, 1000) as n');
    process.kill(first.pid, 'SIGKILL');
    await waitForExit(first.pid, 10_000);

    const second = await start(home);

    expect(second.adopted).toBe(false);
    expect(await query(second.url, 'select count(*)::int as n from kept')).toEqual([{ n: 1000 }]);
  }, 60_000);

  test('starts although a crash left a pid file whose number another program has now', async () => {
    await writeFile(
      join(home, 'postgres', 'data', 'postmaster.pid'),
      `1\n${home}\n0\n1\n\n127.0.0.1\n`,
    );

    const server = await start(home);

    expect(server.adopted).toBe(false);
  });

  test('starts although a starter died and left its lock', async () => {
    await writeFile(join(home, 'postgres', 'start.lock'), '4194305');

    const server = await start(home);

    expect(server.adopted).toBe(false);
  });

  test('of one home never touches that of another, and a home may have a path of any length', async () => {
    const deep = join(base, 'a'.repeat(120), 'home');
    const [one, two] = [await start(home), await start(deep)];
    await query(one.url, 'drop table if exists mine');
    await query(one.url, 'create table mine (n int)');

    const wrong = query(two.url, 'select from mine');

    await expect(wrong).rejects.toThrow(/"mine" does not exist/);
    await expect(
      query(two.url.replace(String(two.port), String(one.port)), 'select 1'),
    ).rejects.toThrow(/password authentication failed/);
    await two.stop();
    expect(await query(one.url, 'select from mine')).toEqual([]);
  }, 60_000);

  test('is found while it runs and not once it is stopped', async () => {
    const server = await start(home);
    const found = await findEmbedded({ home });
    const stopped = await stopEmbedded({ home });

    expect(found?.pid).toBe(server.pid);
    expect(stopped).toBe(true);
    expect(await findEmbedded({ home })).toBeUndefined();
    expect(await stopEmbedded({ home })).toBe(false);
  });

  test('of another PostgreSQL version refuses to start and stays untouched', async () => {
    const other = join(base, 'other');
    await mkdir(join(other, 'postgres', 'data'), { recursive: true });
    await writeFile(join(other, 'postgres', 'data', 'PG_VERSION'), '13\n');

    await expect(start(other)).rejects.toThrow(ConfigError);
    await expect(start(other)).rejects.toThrow(/is of PostgreSQL 13, and 18 is installed/);
    expect(await readFile(join(other, 'postgres', 'data', 'PG_VERSION'), 'utf8')).toBe('13\n');
  });
});

/** Only root can become another user; elsewhere this case is listed as skipped. */
(isRoot ? describe : describe.skip)('the embedded store of root', () => {
  test('runs as an unprivileged user where there are no user namespaces, also below a closed folder', async () => {
    const privileges = await choosePrivileges('namespace');
    const closed = join(base, 'closed');
    await mkdir(closed);
    await chmod(closed, 0o700);

    const server = await startEmbedded({ home: join(closed, 'home'), privileges });
    running.push(server);
    const status = await readFile(`/proc/${server.pid}/status`, 'utf8');
    const answer = await query(server.url, 'select 1 as one');
    await server.stop();
    await rm(dirname(server.dataFolder), { recursive: true });
    await rmdir(dirname(dirname(server.dataFolder))).catch(() => undefined);

    expect(privileges.kind).toBe('user');
    expect(/^Uid:\s+(\d+)/m.exec(status)?.[1]).not.toBe('0');
    expect(answer).toEqual([{ one: 1 }]);
  }, 60_000);
});
