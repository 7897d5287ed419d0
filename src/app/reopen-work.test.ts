import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import * as z from 'zod';
import { testStore, type TestStore } from '../../test/support/database.ts';
import { waitFor } from '../../test/support/cli.ts';
import type { TenantTx } from '../db/store.ts';
import { leasePlanned, markSent, recordResults, recoverLost } from '../delivery/dispatch.ts';
import { listIntents, proposeIntents } from '../delivery/intents.ts';
import { dueForReadBack, settle } from '../delivery/settle-intents.ts';
import { saveMode } from '../delivery/write-modes.ts';
import { systemClock } from '../kernel/clock.ts';
import { silentLogger } from '../kernel/logger.ts';
import type { WorkRef } from '../queue/port.ts';
import { createRunner } from '../queue/runner.ts';
import { startSweeper, type Sweeper } from '../queue/sweeper.ts';
import type { JobDefinition } from '../sdk/define-job.ts';
import type { Flows } from '../sdk/flows.ts';
import { reopenWork } from './reopen-work.ts';

// No queue at all: the sweeper's timer finds what is due by the database's clock and hands it over itself. What holds of a
// queue that is wiped, or of one whose clock is wrong, is that it has no say.

const LEASE_S = 60;
let db: TestStore;
let sweeper: Sweeper | undefined;
beforeAll(async () => {
  db = await testStore();
});
afterEach(() => sweeper?.stop());
afterAll(() => db.close());

const inTx = <T>(fn: (tx: TenantTx) => Promise<T>): Promise<T> =>
  db.store.withTenant(db.tenantId, fn);
const target = (object: string) => ({ connection: 'erp', object });
const propose = (object: string) =>
  inTx((tx) => proposeIntents(tx, [{ ...target(object), canonicalId: 'd1', vendorId: null, fields: { Name: 'A' } }])); // prettier-ignore
const leased = (object: string) =>
  inTx((tx) => leasePlanned(tx, target(object), { batch: 9, leaseSeconds: LEASE_S }));
const find = async (object: string) =>
  (await inTx((tx) => listIntents(tx, { object, limit: 9 })))[0];

/** A vendor with a memory, and a job that delivers to it as the real one does. */
function delivering() {
  const effects: string[] = [];
  const deliver: JobDefinition<{ object: string }> = {
    name: 'deliver',
    lane: 'interactive',
    payload: z.object({ object: z.string() }),
    retry: { attempts: 3, backoffMs: 1 },
    everySeconds: null,
    run: async (_flows, { object }, context) => {
      await inTx((tx) => recoverLost(tx, target(object)));
      const due = await inTx((tx) => dueForReadBack(tx, target(object), 9));
      const verdicts = due.map((intent) => ({ intent, verdict: effects.includes(intent.id) ? { kind: 'applied', vendorId: '1' } as const : { kind: 'absent' } as const })); // prettier-ignore
      await inTx((tx) => settle(tx, verdicts));
      const sending = await inTx(async (tx) => markSent(tx, await leasePlanned(tx, target(object), { batch: 9, leaseSeconds: LEASE_S }), LEASE_S)); // prettier-ignore
      effects.push(...sending.map(({ id }) => id));
      const results = sending.map(({ externalId }) => ({ kind: 'applied', externalId, vendorId: '1', warnings: [] }) as const); // prettier-ignore
      await inTx((tx) => recordResults(tx, sending, results));
      if (context.signal.aborted) throw new Error('stopped');
    },
  };
  const run = createRunner({
    store: db.store,
    jobs: new Map([['deliver', deliver as JobDefinition]]),
    flows: {} as Flows,
    queue: { enqueue: async () => undefined },
    clock: systemClock(),
    logger: silentLogger,
  });
  const handOver = async (refs: readonly WorkRef[]): Promise<void> => {
    for (const ref of refs) await run(ref, new AbortController().signal);
  };
  return { effects, handOver };
}

/** Sweeps by its own timer; `handOver` is all that there is of a queue. */
function sweep(handOver: (refs: readonly WorkRef[]) => Promise<void>): void {
  sweeper = startSweeper({
    store: db.store,
    queue: { enqueue: handOver },
    logger: silentLogger,
    everyMs: 20,
    onSweep: [() => reopenWork(db)],
  });
}

const endLease = (object: string) =>
  db.force(`update intent set lease_until = app.clock() - interval '1 second' where object = $1`, [object]); // prettier-ignore
const shown = (object: string) =>
  waitFor(`${object} to be shown`, async () => ((await find(object))?.readBack === true ? true : undefined), 20); // prettier-ignore

test('F-56: without any queue, an intent that was planned and never asked for is found, sent and read back', async () => {
  await propose('forgotten');
  const { effects, handOver } = delivering();

  sweep(handOver);
  await shown('forgotten');

  expect(effects).toEqual([(await find('forgotten'))?.id]);
});

test('F-3, F-4: without any queue, what a dead worker held is taken up once its lease is over by the database, and not before', async () => {
  await propose('unsent');
  await leased('unsent');
  await propose('sent');
  await inTx(async (tx) => markSent(tx, await leasePlanned(tx, target('sent'), { batch: 9, leaseSeconds: LEASE_S }), LEASE_S)); // prettier-ignore
  // Nobody hands work over: the reaper alone is at work.
  sweep(async () => undefined);
  await delay(120);
  const before = [(await find('unsent'))?.state, (await find('sent'))?.state];

  await endLease('unsent');
  await endLease('sent');
  const after = await waitFor('the reaper', async () => {
    const states = [(await find('unsent'))?.state, (await find('sent'))?.state];
    return states.includes('LEASED') || states.includes('SENT') ? undefined : states;
  }, 20); // prettier-ignore

  expect(before).toEqual(['LEASED', 'SENT']);
  expect(after).toEqual(['PLANNED', 'UNKNOWN']);
});

test('F-76: what is planned follows the modes with each sweep, whoever changed them and whenever they began to count', async () => {
  await propose('followed');
  const set = {
    scope: 'connection',
    ref: 'erp',
    mode: 'observe',
    reason: null,
    setBy: 'Ana',
  } as const;
  await inTx((tx) => saveMode(tx, set));

  await reopenWork({ store: db.store });
  const kept = [(await find('followed'))?.error, await leased('followed')];
  await inTx((tx) => saveMode(tx, { ...set, mode: null }));
  await reopenWork({ store: db.store });

  expect(kept).toEqual([expect.objectContaining({ code: 'waits_for_mode' }), []]);
  expect(await leased('followed')).toHaveLength(1);
});

test('open intents never run out of attempts: delivery that got stuck is started again after a minute', async () => {
  await propose('stuck');
  await inTx(reopenOnce);
  const stick = (ago: string) =>
    db.force(
      `update outbox set not_before = 'infinity', attempts = 8, requested_at = app.clock() - interval '${ago}' where key = 'erp/stuck'`,
    );
  const { effects, handOver } = delivering();

  await stick('10 seconds');
  sweep(handOver);
  await delay(120);
  const early = [...effects];
  await stick('2 minutes');
  await shown('stuck');

  expect(early).not.toContain((await find('stuck'))?.id);
});

/** The row of the outbox, as a proposal asks for it. */
async function reopenOnce(tx: TenantTx): Promise<void> {
  await tx.run(
    `insert into outbox (tenant_id, job, key, payload) values (app.tenant(), 'deliver', 'erp/stuck', '{"connection": "erp", "object": "stuck"}')`,
  );
}
