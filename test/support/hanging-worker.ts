import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { openStore } from '../../src/db/store.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import { openBullmqQueue } from '../../src/queue/bullmq-queue.ts';
import { createRunner } from '../../src/queue/runner.ts';
import type { JobDefinition } from '../../src/sdk/define-job.ts';
import type { Flows } from '../../src/sdk/flows.ts';

// A worker process of its own, whose one job says that it runs and never ends: a test kills it.
const databaseUrl = process.env['DATABASE_URL'] ?? '';
const redisUrl = process.env['REDIS_URL'];

const note: JobDefinition = {
  name: 'note',
  lane: 'bulk',
  payload: z.unknown(),
  retry: { attempts: 3, backoffMs: 1 },
  everySeconds: null,
  run: async () => {
    console.log('running');
    await sleep(600_000);
  },
};

const queue = await openBullmqQueue({
  databaseUrl,
  redisUrl,
  lanes: new Map([[note.name, note.lane]]),
  logger: silentLogger,
});
const run = createRunner({
  store: openStore({ url: databaseUrl, poolSize: 2 }),
  jobs: new Map([[note.name, note]]),
  flows: {} as Flows,
  queue,
  clock: systemClock(),
  logger: silentLogger,
});
await queue.start(run, { interactive: 1, bulk: 1, schedule: 1 });
