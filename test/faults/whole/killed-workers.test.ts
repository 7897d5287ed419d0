import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { KillPoint } from '../../../src/kernel/kill-point.ts';
import { effectStream, KINDS, type EffectStream, type Kind } from '../../kills/effects.ts';
import { startRig, type Rig } from '../../kills/rig.ts';
import { createSeeded } from '../../sim/seeded.ts';
import { waitFor } from '../../support/cli.ts';
import { onEachBackend, startQueueServer, type QueueServer } from '../backends.ts';
import { endsWell, OPEN } from '../rig-invariants.ts';

// Workers that die at named moments, queues that are wiped, full or away, and a company with a mountain of work: real
// processes over real twins, I1 to I8 after each case, on both queues.

const SEED = 13;
const LIMIT_MS = 400_000;
/** What a wiped queue may cost. */
const REARMED_SECONDS = 60;
const SWEEP_MS = 2_000;
const MOUNTAIN = 20_000;

/** Which moment of a delivery each case is about, and with which write it is met here. */
const MOMENTS: readonly (readonly [name: string, point: KillPoint, kind: Kind])[] = [
  ['F-3: before anything was written down', 'push.leased', 'create'],
  ['F-3: after the intent was saved and before it was sent', 'push.intent_saved', 'create'],
  ['F-4: after the call and before its answer', 'push.sent', 'upsert'],
  ['F-5: with the answer in hand', 'push.responded', 'create'],
  ['F-6: after the answer was recorded', 'push.recorded', 'update'],
  ['F-6: after the read-back and before it was settled', 'push.read_back', 'upsert'],
  ['F-7: in the middle of many in one call', 'push.sent', 'collection'],
];

let rig: Rig;
let stream: EffectStream;
let queue: QueueServer;

async function proposeAll(kinds: readonly Kind[] = KINDS): Promise<void> {
  for (const tenantId of rig.tenants)
    for (const kind of kinds) await rig.propose(tenantId, stream.next(tenantId, kind));
}

/** Has a schedule come every second, of a job that has little to do. */
const tick = (tenantId: string) =>
  rig.db.force(`update schedule set enabled = true, every_seconds = 1, next_at = app.clock() where tenant_id = $1 and job = 'watch-incidents'`, [tenantId]); // prettier-ignore
const untick = () => rig.db.force(`update schedule set enabled = false`);

/** Waits until a schedule has fired after now and what it asked for was done. */
async function scheduleComes(tenantId: string): Promise<void> {
  const due = () => rig.rows<{ at: Date; waits: boolean }>(`select s.next_at as at, exists (select from outbox w where w.tenant_id = s.tenant_id and w.job = s.job and w.requested_at < app.clock() - interval '10 seconds') as waits from schedule s where s.tenant_id = $1 and s.job = 'watch-incidents'`, [tenantId]); // prettier-ignore
  const [first] = await due();
  await waitFor('a schedule to come again', async () => {
    const [now] = await due();
    const isLater = (now?.at.getTime() ?? 0) > (first?.at.getTime() ?? 0);
    return isLater && now?.waits === false ? true : undefined;
  }, REARMED_SECONDS); // prettier-ignore
}

/** Seconds from the request of one effect of each other company until it was applied. */
async function latencies(): Promise<readonly number[]> {
  const others = rig.tenants.slice(1);
  const begun = performance.now();
  for (const tenantId of others) await rig.propose(tenantId, stream.next(tenantId, 'create'));
  const seconds = new Map<string, number>();
  await waitFor('the effects of the others', async () => {
    const open = await rig.rows<{ id: string }>(`select distinct tenant_id as id from intent where tenant_id <> $1 and state <> 'APPLIED' and state <> 'SUPERSEDED'`, [rig.tenants[0] ?? '']); // prettier-ignore
    for (const id of others)
      if (!seconds.has(id) && !open.some((each) => each.id === id)) seconds.set(id, performance.now() - begun); // prettier-ignore
    return seconds.size === others.length ? true : undefined;
  }, 120); // prettier-ignore
  return [...seconds.values()];
}

onEachBackend((backend) => {
  beforeAll(async () => {
    queue = await startQueueServer(backend);
    rig = await startRig({ tenants: 5, seed: SEED, env: queue.env });
    stream = effectStream(rig, createSeeded(SEED));
    // An upsert is of a record that is there.
    await proposeAll(['create']);
    const worker = await rig.startWorker();
    await waitFor('the first records', async () =>
      (await rig.rows(`select from intent where ${OPEN} limit 1`)).length === 0 ? true : undefined,
    );
    await worker.kill();
  }, LIMIT_MS);
  afterEach(() => endsWell(rig, queue), LIMIT_MS);
  afterAll(async () => {
    await rig?.stop();
    await queue?.stop();
  }, LIMIT_MS);

  test.each(MOMENTS)('%s a worker dies; another one finishes', async (_, point, kind) => {
    const tenantId = rig.tenants[MOMENTS.findIndex((each) => each[1] === point) % rig.tenants.length] ?? ''; // prettier-ignore
    await rig.propose(tenantId, stream.next(tenantId, kind));
    const doomed = await rig.startWorker({ killPoint: `${point}:1` });

    await doomed.ended(60_000);

    expect(doomed.met()?.split(' ')).toEqual([point, expect.any(String), kind]);
  }, LIMIT_MS); // prettier-ignore

  test('F-56: a queue that is wiped again and again loses no effect, and schedules come again', async () => {
    const [tenantId = ''] = rig.tenants;
    await tick(tenantId);
    const workers = await Promise.all([rig.startWorker(), rig.startWorker({ role: 'worker' })]);
    for (let round = 0; round < 4; round += 1) {
      await proposeAll();
      await queue.wipe(rig.db);
      await delay(300);
      await queue.wipe(rig.db);
    }

    await scheduleComes(tenantId);
    await endsWell(rig, queue);
    await untick();

    expect(workers.map((worker) => worker.isOver())).toEqual([false, false]);
    await Promise.all(workers.map((worker) => worker.kill()));
  }, LIMIT_MS); // prettier-ignore

  test('F-56: a queue that takes nothing, and then is gone and comes back empty, loses no effect', async () => {
    const [tenantId = ''] = rig.tenants;
    await tick(tenantId);
    const workers = await Promise.all([rig.startWorker(), rig.startWorker({ role: 'worker' })]);
    await queue.refuse(rig.db, true);
    await proposeAll();
    await delay(4_000);
    await queue.refuse(rig.db, false);
    await proposeAll(['create']);
    await queue.restart(rig.db);

    await scheduleComes(tenantId);
    await endsWell(rig, queue);
    await untick();

    expect(workers.map((worker) => worker.isOver())).toEqual([false, false]);
    await Promise.all(workers.map((worker) => worker.kill()));
  }, LIMIT_MS); // prettier-ignore

  test(`F-62: a company with ${MOUNTAIN} effects of its own delays the others by less than as long again`, async () => {
    const [noisy = ''] = rig.tenants;
    const worker = await rig.startWorker();
    const idle = [...(await latencies()), ...(await latencies())];
    while ((await backlog(noisy)) < MOUNTAIN)
      await rig.propose(noisy, Array.from({ length: 40 }, () => stream.next(noisy, 'collection')).flat());
    const busy = [...(await latencies()), ...(await latencies())];
    const left = await backlog(noisy);
    await worker.kill();
    // Not a minute of the case is about working it off.
    await rig.db.force(`update intent set state = 'SUPERSEDED' where tenant_id = $1 and state = 'PLANNED'`, [noisy]);

    expect(left).toBeGreaterThan(MOUNTAIN / 10);
    // Whoever asks wakes nobody here: a sweep more or less is chance.
    expect(Math.max(...busy)).toBeLessThan(2 * Math.max(...idle) + SWEEP_MS);
  }, LIMIT_MS); // prettier-ignore
});

const backlog = async (tenantId: string): Promise<number> =>
  (await rig.rows<{ n: number }>(`select count(*)::int as n from intent where tenant_id = $1 and state = 'PLANNED'`, [tenantId]))[0]?.n ?? 0; // prettier-ignore
