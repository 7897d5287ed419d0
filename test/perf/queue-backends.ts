import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../../src/db/embedded/cluster.ts';

const SERVER = 'redis-server';

/** False where there is no Redis to measure with. */
export const hasRedis = (): boolean => spawnSync(SERVER, ['--version']).error === undefined;

/** A Redis of its own that keeps nothing on the disk. */
export async function startRedis(): Promise<{
  readonly url: string;
  readonly stop: () => Promise<void>;
}> {
  const folder = await mkdtemp(join(tmpdir(), 'trueup-bench-redis-'));
  const port = await freePort();
  const args = ['--port', String(port), '--save', '', '--dir', folder];
  const server = spawn(SERVER, args, { stdio: 'ignore' });
  const client = new Redis({ port, maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  await client.ping();
  client.disconnect();
  return {
    url: `redis://127.0.0.1:${port}/0`,
    stop: async () => {
      server.kill('SIGKILL');
      await once(server, 'exit');
      await rm(folder, { recursive: true });
    },
  };
}
