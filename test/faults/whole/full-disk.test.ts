import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { choosePrivileges } from '../../../src/db/embedded/privileges.ts';
import { StoreUnavailable } from '../../../src/kernel/errors.ts';
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
let rig: Rig;
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
  if (!canMount) return;
  const url = rig?.db.adminUrl;
  await rig?.stop();
  if (url !== undefined) await asAdmin(url, ['drop tablespace full_disk']);
  spawnSync('umount', [disk]);
  rmSync(disk, { recursive: true, force: true });
}, LIMIT_MS);

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
function fill(): string {
  const ballast = join(disk, 'ballast');
  try {
    for (;;) appendFileSync(ballast, BLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
  return ballast;
}

onSmallDisk(`a small disk under the store${WHY}`, () => {
  test('F-57: a store without room takes no new effect, keeps none half, says why, and goes on once there is room', async () => {
    const worker = await rig.startWorker();
    const [tenantId = '', other = ''] = rig.tenants;
    for (const id of rig.tenants) await rig.propose(id, stream.next(id, 'collection'));
    await waitFor('the first effects', async () =>
      (await rig.rows(`select from intent where ${OPEN} limit 1`)).length === 0 ? true : undefined,
    );
    const slow = { action: 'delay', delayMs: 4_000 };
    await Promise.all([rig.crm.faults(slow), rig.erp.faults(slow)]);
    for (const id of rig.tenants) await rig.propose(id, stream.next(id, 'collection'));
    await waitFor('writes under way', async () =>
      (await rig.rows(`select from intent where state = 'SENT' limit 1`)).length > 0 ? true : undefined,
    );
    const ballast = fill();

    let refused: readonly { readonly canonicalId: string }[] = [];
    let error: unknown = null;
    for (let round = 0; round < 400 && error === null; round += 1) {
      const effects = stream.next(round % 2 === 0 ? tenantId : other, 'collection');
      refused = effects;
      error = await rig.propose(round % 2 === 0 ? tenantId : other, effects).then(() => null, (thrown: unknown) => thrown);
    }
    await waitFor('the worker to say why it stands still', async () =>
      worker.said().includes('disk of the database is full') ? true : undefined, 120);
    const during = await intentsOf(rig);
    const connections = await rig.rows(`select from connection where status in ('reauth_required', 'paused')`);
    rmSync(ballast);
    await Promise.all([rig.crm.faults(), rig.erp.faults()]);
    const asked = new Set(refused.map(({ canonicalId }) => canonicalId));

    expect(error).toBeInstanceOf(StoreUnavailable);
    expect(String(error)).toContain('disk of the database is full');
    expect(during.filter(({ canonicalId }) => asked.has(canonicalId))).toEqual([]);
    expect(during.filter(({ state }) => state === 'QUARANTINED' || state === 'CONFLICT')).toEqual([]);
    expect(connections).toEqual([]);
    expect(worker.isOver()).toBe(false);
    await rig.propose(tenantId, stream.next(tenantId, 'create'));
    await endsWell(rig, queue);
    await worker.kill();
  }, LIMIT_MS); // prettier-ignore
});
