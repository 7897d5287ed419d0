import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { StoreUnavailable } from '../../../src/kernel/errors.ts';
import { effectStream, type EffectStream, type Kind } from '../../kills/effects.ts';
import { startRig, type Rig } from '../../kills/rig.ts';
import { createSeeded } from '../../sim/seeded.ts';
import { waitFor } from '../../support/cli.ts';
import { onEachBackend, startQueueServer, type QueueServer } from '../backends.ts';
import { endsWell, OPEN, oracleOf } from '../rig-invariants.ts';

// The store goes away under workers that write, and workers are told to end: real processes, real twins.

const SEED = 12;
const LIMIT_MS = 300_000;
const KINDS: readonly Kind[] = ['create', 'update', 'upsert'];

let rig: Rig;
let stream: EffectStream;
let database: string;
let queue: QueueServer;

/** What cuts the workers off cuts us off as well: whoever asks asks again, and an effect that was kept is the same one. */
async function proposeAll(): Promise<void> {
  for (const tenantId of rig.tenants)
    for (const kind of KINDS) {
      const effects = stream.next(tenantId, kind);
      await waitFor('the store to take effects', () =>
        rig.propose(tenantId, effects).then(
          () => true as const,
          (error: unknown) => {
            if (error instanceof StoreUnavailable) return undefined;
            throw error;
          },
        ),
      );
    }
}

/** While the worker of the case lives: what it holds has to come to its end by it. */
const allShown = () =>
  waitFor(
    'every effect to be shown',
    async () => {
      await rig.endLeases();
      await delay(500);
      const rows = await rig.rows(`select from intent where ${OPEN} limit 1`);
      return rows.length === 0 ? true : undefined;
    },
    240,
  );

/** Cuts every connection of ours to the database, as a server that restarts does. */
const cutAll = () =>
  rig.db.look(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename <> 'postgres'`,
  );

const slow = (delayMs: number) => [rig.crm, rig.erp].map((twin) => twin.faults({ action: 'delay', delayMs })); // prettier-ignore

onEachBackend((backend) => {
  beforeAll(async () => {
    queue = await startQueueServer(backend);
    rig = await startRig({ tenants: 6, seed: SEED, env: queue.env });
    stream = effectStream(rig, createSeeded(SEED));
    database = new URL(rig.db.url).pathname.slice(1);
  }, LIMIT_MS);
  afterEach(() => endsWell(rig, queue), LIMIT_MS);
  afterAll(async () => {
    await rig?.stop();
    await queue?.stop();
  }, LIMIT_MS);

  test('F-10: a worker that is told to end ends within 30 s, and what was in flight has its answer', async () => {
    const worker = await rig.startWorker();
    await Promise.all(slow(400));
    await proposeAll();
    await waitFor('writes under way', async () => {
      const [row] = await rig.rows<{ n: number }>(`select count(*)::int as n from intent where state = 'SENT'`);
      return (row?.n ?? 0) >= 2 ? true : undefined;
    });

    worker.signal('SIGTERM');
    const hasEnded = await worker.ended(30_000);
    const left = await rig.rows(`select from intent where state in ('LEASED', 'SENT', 'UNKNOWN')`);

    expect([hasEnded, left.length]).toEqual([true, 0]);
    await Promise.all([rig.crm.faults(), rig.erp.faults()]);
    const next = await rig.startWorker();
    await allShown();
    await next.kill();
  }, LIMIT_MS); // prettier-ignore

  test('F-51: PostgreSQL goes away under the workers again and again; the ledger is right in the end', async () => {
    const workers = await Promise.all([rig.startWorker(), rig.startWorker({ role: 'worker' })]);
    await Promise.all(slow(50));
    for (let round = 0; round < 4; round += 1) {
      await proposeAll();
      await delay(700);
      await cutAll();
    }
    await Promise.all([rig.crm.faults(), rig.erp.faults()]);

    await allShown();
    expect(workers.map((worker) => worker.isOver())).toEqual([false, false]);
    await Promise.all(workers.map((worker) => worker.kill()));
  }, LIMIT_MS); // prettier-ignore

  test('F-54: while PostgreSQL takes no connection workers wait, and go on when it does', async () => {
    const worker = await rig.startWorker();
    await rig.db.look(`alter database ${database} connection limit 0`);
    await cutAll();
    await delay(4_000);
    const during = (await oracleOf(rig)).length;
    await rig.db.look(`alter database ${database} connection limit -1`);
    await proposeAll();

    await allShown();
    expect(worker.isOver()).toBe(false);
    expect((await oracleOf(rig)).length).toBeGreaterThan(during);
    await worker.kill();
  }, LIMIT_MS); // prettier-ignore

  test('F-55: over a store that only reads nothing is sent, because nothing can be written down first', async () => {
    await proposeAll();
    await rig.db.look(`alter role trueup in database ${database} set default_transaction_read_only = on`);
    const before = await oracleOf(rig);
    const worker = await rig.startWorker().catch(() => null);
    await delay(5_000);
    const during = await oracleOf(rig);
    await rig.db.look(`alter role trueup in database ${database} reset default_transaction_read_only`);
    await cutAll();
    const next = worker ?? (await rig.startWorker());

    expect(during).toEqual(before);
    await allShown();
    await next.kill();
  }, LIMIT_MS); // prettier-ignore
});
