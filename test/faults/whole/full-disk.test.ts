import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, chownSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { choosePrivileges } from '../../../src/db/embedded/privileges.ts';
import { openStore } from '../../../src/db/store.ts';
import { effectStream, type EffectStream } from '../../kills/effects.ts';
import { startRig, type Rig } from '../../kills/rig.ts';
import { createSeeded } from '../../sim/seeded.ts';
import { waitFor } from '../../support/cli.ts';
import { testStore } from '../../support/database.ts';
import { startQueueServer, type QueueServer } from '../backends.ts';
import { endsWell, intentsOf, OPEN } from '../rig-invariants.ts';

// The disk of the store is full: a real one, of a few megabytes, under a real worker that writes.

const SEED = 15;
const LIMIT_MS = 400_000;
const SIZE = '160m';
const BLOCK = Buffer.alloc(64 * 1024, 1);

const canMount = process.getuid?.() === 0 && spawnSync('mount', ['--version']).error === undefined && mounts(); // prettier-ignore
const onSmallDisk = canMount ? describe : describe.skip;
const WHY = canMount ? '' : ' (not run: no right to mount a small disk here)';

/** True where this machine lets us mount a disk of our own. */
function mounts(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'trueup-mount-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', folder]).status === 0;
  if (mounted) spawnSync('umount', [folder]);
  rmSync(folder, { recursive: true, force: true });
  return mounted;
}

let disk = '';
let rig: Rig | undefined;
let stream: EffectStream;
let queue: QueueServer;
beforeAll(async () => {
  if (!canMount) return;
  disk = mkdtempSync(join(tmpdir(), 'trueup-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE},mode=0700`, 'none', disk]);
  const privileges = await choosePrivileges();
  if (privileges.kind === 'user') chownSync(disk, privileges.uid, privileges.gid);
  const db = await testStore();
  await asAdmin(db.adminUrl, [
    `create tablespace full_disk location '${disk}'`,
    `alter database ${new URL(db.url).pathname.slice(1)} set tablespace full_disk`,
  ]);
  queue = await startQueueServer('PostgreSQL');
  rig = await startRig({ tenants: 3, seed: SEED, env: queue.env, db });
  stream = effectStream(rig, createSeeded(SEED));
}, LIMIT_MS);
afterAll(async () => {
  if (disk === '') return;
  // A case that failed half way has left it full.
  rmSync(ballastOf(disk), { force: true });
  const url = rig?.db.adminUrl;
  try {
    await rig?.stop();
    if (url !== undefined) await asAdmin(url, ['checkpoint', 'drop tablespace full_disk']);
  } finally {
    await unmount(disk);
  }
}, LIMIT_MS);

const ballastOf = (folder: string): string => join(folder, 'ballast');

/** The server lets go of a dropped database's files in its own time; what it never lets go of is cut off. */
async function unmount(folder: string): Promise<void> {
  const isOff = async (): Promise<true | undefined> =>
    spawnSync('umount', [folder]).status === 0 ? true : undefined;
  await waitFor('the small disk to be let go', isOff, 20).catch(() => {
    execFileSync('umount', ['--lazy', folder]);
  });
  rmSync(folder, { recursive: true, force: true });
}

/** Says it as the superuser, from another database than the one at hand. */
async function asAdmin(adminUrl: string, statements: readonly string[]): Promise<void> {
  const url = new URL(adminUrl);
  url.pathname = '/postgres';
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

/** Leaves no byte of it free. */
function fill(): void {
  try {
    for (;;) appendFileSync(ballastOf(disk), BLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

/** Whoever connects next has to write this file anew, as after a vacuum of the catalogue. */
function forgetInitFiles(): void {
  for (const name of globSync('PG_*/*/pg_internal.init', { cwd: disk })) rmSync(join(disk, name));
}

/** Reads over a connection that is there already: while the disk is full the server takes no new one. */
async function watcherOf({
  db,
}: Rig): Promise<Rig['rows'] & { readonly end: () => Promise<void> }> {
  const client = new pg.Client({ connectionString: db.adminUrl });
  client.on('error', () => undefined);
  await client.connect();
  const rows = async <T extends object>(sql: string, params: readonly unknown[] = []) =>
    (await client.query<T & pg.QueryResultRow>(sql, [...params])).rows;
  return Object.assign(rows, { end: () => client.end() });
}

/** Asks for effects until that is refused; gives what was asked for then, and the refusal. */
async function askUntilRefused(company: Rig): Promise<{ readonly asked: ReadonlySet<string>; readonly error: unknown }> {
  for (let round = 0; round < 400; round += 1) {
    const tenantId = company.tenants[round % 2] ?? '';
    const effects = stream.next(tenantId, 'collection');
    const error: unknown = await company.propose(tenantId, effects).then(() => null, (thrown: unknown) => thrown);
    if (error !== null) return { asked: new Set(effects.map(({ canonicalId }) => canonicalId)), error };
  }
  throw new Error('The store took all that it was asked for.');
} // prettier-ignore

/** What somebody is told who comes to the store for the first time. */
async function newcomer(url: string): Promise<unknown> {
  const store = openStore({ url, poolSize: 1 });
  const told: unknown = await store.ping().then(() => null, (thrown: unknown) => thrown); // prettier-ignore
  await store.close();
  return told;
}

const REFUSAL = { name: 'StoreUnavailable', message: expect.stringContaining('disk of the database is full') }; // prettier-ignore

onSmallDisk(`a small disk under the store${WHY}`, () => {
  test('F-57: a store without room takes no new effect, keeps none half, says why, and goes on once there is room', async () => {
    if (rig === undefined) throw new Error('The rig was not started.');
    const company = rig;
    const worker = await company.startWorker();
    for (const id of company.tenants) await company.propose(id, stream.next(id, 'collection'));
    await waitFor('the first effects', async () =>
      (await company.rows(`select from intent where ${OPEN} limit 1`)).length === 0 ? true : undefined,
    );
    const slow = { action: 'delay', delayMs: 4_000 };
    await Promise.all([company.crm.faults(slow), company.erp.faults(slow)]);
    for (const id of company.tenants) await company.propose(id, stream.next(id, 'collection'));
    await waitFor('writes under way', async () =>
      (await company.rows(`select from intent where state = 'SENT' limit 1`)).length > 0 ? true : undefined,
    );
    const watch = await watcherOf(company);
    fill();
    forgetInitFiles();
    fill();

    const { asked, error } = await askUntilRefused(company);
    const told = await newcomer(company.db.url);
    await waitFor('the worker to say why it stands still', async () =>
      worker.said().includes('disk of the database is full') ? true : undefined, 120);
    const during = await intentsOf({ rows: watch });
    const connections = await watch(`select from connection where status in ('reauth_required', 'paused')`);
    await watch.end();
    rmSync(ballastOf(disk));
    await Promise.all([company.crm.faults(), company.erp.faults()]);

    expect([error, told]).toEqual([expect.objectContaining(REFUSAL), expect.objectContaining(REFUSAL)]);
    expect(during.length).toBeGreaterThan(0);
    expect(during.filter(({ canonicalId }) => asked.has(canonicalId))).toEqual([]);
    expect(during.filter(({ state }) => state === 'QUARANTINED' || state === 'CONFLICT')).toEqual([]);
    expect(connections).toEqual([]);
    expect(worker.isOver()).toBe(false);
    await company.propose(company.tenants[0] ?? '', stream.next(company.tenants[0] ?? '', 'create'));
    await endsWell(company, queue);
    await worker.kill();
  }, LIMIT_MS); // prettier-ignore
});
