import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { effectStream, type EffectStream } from '../../kills/effects.ts';
import { startRig, type Rig } from '../../kills/rig.ts';
import { createSeeded } from '../../sim/seeded.ts';
import { waitFor } from '../../support/cli.ts';
import { startCuttingProxy, type Cut } from '../../support/cutting-proxy.ts';
import { onEachBackend, startQueueServer, type QueueServer } from '../backends.ts';
import { endsWell, OPEN, oracleOf } from '../rig-invariants.ts';

// Writing by real workers over real twins: races, a worker that is paused, wrong clocks, commits whose answer is lost. I1 to
// I8 are checked after each case, on both queues.

const SEED = 11;
const LIMIT_MS = 300_000;
const SKEW = join(import.meta.dirname, '../../support/skew.ts');

let rig: Rig;
let stream: EffectStream;
let queue: QueueServer;
const CLOCKS = [
  ['60 s ahead', { TRUEUP_TEST_SKEW_MS: '60000' }],
  ['60 s behind', { TRUEUP_TEST_SKEW_MS: '-60000' }],
  ['a day ahead', { TRUEUP_TEST_SKEW_MS: '86400000' }],
  ['jumping back an hour', { TRUEUP_TEST_JUMP_MS: '-3600000', TRUEUP_TEST_JUMP_AFTER_MS: '4000' }],
] as const;

const counts = async () => {
  const [row] = await rig.rows<{ open: number; shown: number; other: number }>(
    `select count(*) filter (where ${OPEN})::int as open, count(*) filter (where state = 'APPLIED' and read_back)::int as shown,
       count(*) filter (where not ${OPEN} and state not in ('APPLIED', 'SUPERSEDED'))::int as other from intent`,
  );
  return row ?? { open: 0, shown: 0, other: 0 };
};
const allShown = (seconds: number) =>
  waitFor(
    'every effect to be shown',
    async () => ((await counts()).open === 0 ? true : undefined),
    seconds,
  ).catch(async (error: unknown) => {
    // prettier-ignore
    const open = await rig.rows(
      `select i.tenant_id, i.object, i.state, i.not_before - app.clock() as due, i.lease_until - app.clock() as lease, i.error, c.status, w.not_before - app.clock() as work_due, w.last_error, w.attempts
       from intent i left join connection c on c.tenant_id = i.tenant_id and c.id = i.connection
       left join outbox w on w.tenant_id = i.tenant_id and w.key = i.connection || '/' || i.object where ${OPEN.replaceAll('state', 'i.state')} limit 3`,
    );
    throw new Error(`Still open: ${JSON.stringify(open)}`, { cause: error });
  });

onEachBackend((backend) => {
  beforeAll(async () => {
    queue = await startQueueServer(backend);
    rig = await startRig({ tenants: 8, seed: SEED, env: queue.env });
    stream = effectStream(rig, createSeeded(SEED));
  }, LIMIT_MS);
  afterEach(() => endsWell(rig, queue), LIMIT_MS);
  afterAll(async () => {
    await rig?.stop();
    await queue?.stop();
  }, LIMIT_MS);

  test('F-58: two workers race over 1,000 intents, and each takes effect once', async () => {
    const before = (await counts()).shown;
    for (let round = 0; round < 5; round += 1)
      for (const tenantId of rig.tenants) await rig.propose(tenantId, stream.next(tenantId, 'collection')); // prettier-ignore
    const workers = await Promise.all([rig.startWorker(), rig.startWorker({ role: 'worker' })]);

    await allShown(240);
    await Promise.all(workers.map((worker) => worker.kill()));

    expect((await counts()).shown - before).toBe(1000);
  }, LIMIT_MS); // prettier-ignore

  test('F-59: a worker that is paused between its commit and the call wakes up when others have taken over, and writes nothing', async () => {
    const [tenantId = ''] = rig.tenants;
    const [effect] = stream.next(tenantId, 'create');
    if (effect === undefined) throw new Error('There is no effect.');
    await rig.propose(tenantId, [effect]);
    const sleeper = await rig.startWorker({ killPoint: 'push.intent_saved:1:STOP' });
    await waitFor('the worker to be paused', async () => sleeper.met() ?? undefined);
    const other = await rig.startWorker();
    const intentsOf = () => rig.rows<{ id: string; state: string; fence: number }>(`select id, state, fence::int from intent where tenant_id = $1 and canonical_id = $2 order by revision`, [tenantId, effect.canonicalId]); // prettier-ignore
    await waitFor('another worker to take over', async () => ((await intentsOf())[0]?.state === 'UNKNOWN' ? true : undefined)); // prettier-ignore
    await rig.endLeases();
    await allShown(180);
    const later = { ...effect, fields: { ...effect.fields, [effect.object === 'Contract' ? 'Name' : 'memo']: 'Later' } }; // prettier-ignore
    await rig.propose(tenantId, [later]);
    await allShown(180);
    const before = await oracleOf(rig);
    const intents = await intentsOf();

    sleeper.signal('SIGCONT');
    await delay(5_000);

    expect(await oracleOf(rig)).toEqual(before);
    expect(await intentsOf()).toEqual(intents);
    expect(intents).toHaveLength(2);
    await Promise.all([sleeper.kill(), other.kill()]);
  }, LIMIT_MS); // prettier-ignore

  test.each(CLOCKS)('F-60: a worker whose clock is %s doubles nothing and leaves nothing behind', async (_name, env) => {
    const wrong = await rig.startWorker({ env, nodeArguments: ['--import', SKEW] });
    for (const tenantId of rig.tenants) {
      await rig.propose(tenantId, stream.next(tenantId, 'create'));
      await rig.propose(tenantId, stream.next(tenantId, 'update'));
    }
    await delay(6_000);
    const right = await rig.startWorker();
    for (const tenantId of rig.tenants) await rig.propose(tenantId, stream.next(tenantId, 'upsert'));
    await delay(2_000);
    await wrong.kill();
    // What a wrong clock has told the queue has no say: the right one goes on by rows.
    await allShown(180);
    await right.kill();

    expect((await counts()).open).toBe(0);
  }, LIMIT_MS); // prettier-ignore

  test('F-52: commits that are cut off, answered or not, lose nothing and double nothing', async () => {
    const luck = createSeeded(SEED);
    let commits = 0;
    let isReady = false;
    const choose = (): Cut | null => {
      commits += 1;
      if (!isReady || commits % 9 !== 0) return null;
      return luck.chance(0.5) ? 'answer' : 'commit';
    };
    const proxy = await startCuttingProxy(rig.db.url, choose);
    const worker = await rig.startWorker({ env: { DATABASE_URL: proxy.url } });
    isReady = true;
    for (let round = 0; round < 3; round += 1) {
      for (const tenantId of rig.tenants) await rig.propose(tenantId, stream.next(tenantId, 'create'));
      await delay(5_000);
      await rig.endLeases();
    }
    proxy.heal();
    await waitFor('every effect to be shown', async () => {
      await rig.endLeases();
      await delay(500);
      return (await counts()).open === 0 ? true : undefined;
    }, 240);
    await worker.kill();
    await proxy.stop();

    expect(proxy.cuts().answer).toBeGreaterThan(2);
    expect(proxy.cuts().commit).toBeGreaterThan(2);
  }, LIMIT_MS); // prettier-ignore
});
