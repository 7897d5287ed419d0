import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import express from 'express';
import * as z from 'zod';
import { createSessions } from '../../src/app/sessions.ts';
import { createApp } from '../../src/http/create-app.ts';
import { routes } from '../../src/http/routes/events.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import { loadBuiltins } from '../../src/mapping/builtin.ts';
import type { Queue } from '../../src/queue/port.ts';
import { loadRegistry } from '../../src/registry/load-registry.ts';
import { kekFromBytes } from '../../src/security/kek.ts';
import { createKey } from '../../src/security/keys.ts';
import { addUser } from '../../src/security/users.ts';
import { benchStore, TENANT, type BenchStore } from './bench-store.ts';
import { interleave, timed, type BenchRow } from './measure.ts';

const ROUNDS = 5;
const BATCHES = 100;
const BATCH_SIZE = 1_000;
const CONNECTIONS = 12;

/** The envelope as a bare program would check it. */
const Event = z.object({
  specversion: z.literal('1.0'),
  id: z.string().min(1),
  source: z.string().min(1),
  type: z.string().min(1),
  time: z.string().optional(),
  subject: z.string().optional(),
  datacontenttype: z.string().optional(),
  data: z.record(z.string(), z.unknown()),
});
const Batch = z.array(Event);

/** The floor: Express parses the batch, zod checks it, and nothing is kept. */
function bareApp(): express.Express {
  const app = express();
  app.post('/events', express.json({ limit: '4mb', type: () => true }), (request, response) => {
    response.status(202).json({ accepted: Batch.parse(request.body).length });
  });
  return app;
}

const noQueue: Queue = {
  enqueue: async () => undefined,
  start: async () => undefined,
  close: async () => undefined,
  ping: async () => undefined,
  depth: async () => ({ interactive: 0, bulk: 0, schedule: 0 }),
};

/** Our API with the one route, before it the bare program: one process and one port for both. */
async function serve({ store }: BenchStore): Promise<Server> {
  const registry = await loadRegistry();
  const kek = kekFromBytes(randomBytes(32));
  const common = { store, registry, kek, clock: systemClock(), logger: silentLogger };
  const ours = createApp(
    {
      ...common,
      sessions: createSessions(common),
      mappings: await loadBuiltins(registry.mappingsDir, registry.transforms),
      queue: noQueue,
      home: '/nowhere',
      version: 'bench',
      metrics: { render: async () => ({ contentType: 'text/plain', body: '' }) },
    },
    routes,
  );
  const bare = bareApp();
  const server = createServer(
    (request, response) =>
      void (request.url === '/events' ? bare(request, response) : ours(request, response)),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function keyOf({ store }: BenchStore): Promise<string> {
  return store.withTenant(TENANT, async (tx) => {
    const { id } = await addUser(tx, { name: 'Bench', roles: ['editor'] });
    return (await createKey(tx, { personId: id, label: 'bench', createdBy: 'bench' })).text;
  });
}

async function answerOf(client: Worker, message: object): Promise<unknown> {
  const answered = once(client, 'message');
  client.postMessage(message);
  const [answer]: unknown[] = await answered;
  return answer;
}

async function contest(bench: BenchStore, client: Worker): Promise<BenchRow> {
  const run = (path: string) => async (): Promise<number> => {
    await bench.bare.query('truncate usage_event, usage_change');
    await answerOf(client, { prepare: BATCHES });
    await bench.settle();
    return timed(async () => {
      const accepted = await answerOf(client, { path, batches: BATCHES });
      if (accepted !== BATCHES * BATCH_SIZE) throw new Error(`${path} took ${String(accepted)}.`);
    });
  };
  const rates = await interleave({
    size: BATCHES * BATCH_SIZE,
    rounds: ROUNDS,
    ours: run('/api/v1/events'),
    floor: run('/events'),
  });
  return { name: 'telemetry', ...rates, unit: 'events/s', goal: 0.5 };
}

/** Events a second into the store through the API, in batches of 1,000, none of them known before. */
export async function bench(): Promise<BenchRow> {
  const store = await benchStore();
  const server = await serve(store);
  const { port } = server.address() as AddressInfo;
  const client = new Worker(new URL('telemetry-client.ts', import.meta.url), {
    workerData: {
      port,
      key: await keyOf(store),
      batchSize: BATCH_SIZE,
      connections: CONNECTIONS,
    },
  });
  try {
    return await contest(store, client);
  } finally {
    await client.terminate();
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await store.close();
  }
}
