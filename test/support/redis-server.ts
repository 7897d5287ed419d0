import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../../src/db/embedded/cluster.ts';

const SERVER = 'redis-server';

/** False where there is no Redis to test with. */
export const hasRedis = (): boolean => spawnSync(SERVER, ['--version']).error === undefined;

/** A Redis of its own that keeps nothing on the disk. */
export interface RedisServer {
  readonly port: number;
  readonly url: string;
  /** Says one command, as an operator does at the prompt. */
  say(command: string, ...args: readonly string[]): Promise<unknown>;
  stop(): Promise<void>;
}

/** Starts it, on a port that an earlier one had if one is given. */
export async function startRedis(given?: number): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'trueup-redis-'));
  const port = given ?? (await freePort());
  const args = ['--port', String(port), '--save', '', '--dir', folder];
  const server = spawn(SERVER, args, { stdio: 'ignore' });
  const client = new Redis({ port, maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  await client.ping();
  return {
    port,
    url: `redis://127.0.0.1:${port}/0`,
    say: (command, ...rest) => client.call(command, ...rest),
    stop: async () => {
      client.disconnect();
      server.kill('SIGKILL');
      await once(server, 'exit');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
