import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { openStore } from '../../src/db/store.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import { openBullmqQueue } from '../../src/queue/bullmq-queue.ts';
import { createRunner } from '../../src/queue/runner.ts';
import { defineJob } from '../../src/sdk/define-job.ts';
import type { Flows } from '../../src/sdk/flows.ts';

/**
 * A worker process whose work is to wait for another system, as most of ours does. Arguments: the database's URL, that of
 * Redis, how many pieces at a time, and the milliseconds of one answer.
 */

const [databaseUrl = '', redisUrl = '', concurrency = '1', answerMs = '20'] = process.argv.slice(2);

const wait = defineJob({
  name: 'wait',
  lane: 'bulk',
  payload: z.strictObject({}),
  retry: { attempts: 1, backoffMs: 1_000 },
  everySeconds: null,
  run: async () => {
    await sleep(Number(answerMs));
  },
});
const flows: Partial<Flows> = {};
const store = openStore({ url: databaseUrl, poolSize: Number(concurrency) });
const queue = await openBullmqQueue({
  databaseUrl,
  redisUrl,
  lanes: new Map([[wait.name, wait.lane]]),
  logger: silentLogger,
});
const run = createRunner({
  store,
  jobs: new Map([[wait.name, wait]]),
  flows: flows as Flows,
  queue,
  clock: systemClock(),
  logger: silentLogger,
});
await queue.start(run, { interactive: 1, bulk: Number(concurrency), schedule: 1 });
process.send?.('ready');
process.once('message', () => {
  void queue.close(1_000).then(async () => {
    await store.close();
    process.exit(0);
  });
});
