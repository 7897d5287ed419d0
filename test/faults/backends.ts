import { describe } from '@jest/globals';
import { hasRedis, startRedis, type RedisServer } from '../support/redis-server.ts';
import type { TestStore } from '../support/database.ts';

/** Where wake-ups are kept. The names of the tests carry them, and the run of the cases tells them. */
export const BACKENDS = ['PostgreSQL', 'Redis'] as const;
export type Backend = (typeof BACKENDS)[number];

/** The queue of one test file on one of the two. */
export interface QueueServer {
  /** What a process of the program needs in its environment to use it. */
  readonly env: Readonly<Record<string, string>>;
  /** Forgets every wake-up there is. */
  wipe(db: Pick<TestStore, 'force'>): Promise<void>;
  /** Has it take no wake-up, as a Redis whose memory is full, or has it take them again. */
  refuse(db: Pick<TestStore, 'force'>, is: boolean): Promise<void>;
  /** Ends it as a crash would, and starts it anew where it was; what it held is gone. */
  restart(db: Pick<TestStore, 'force'>): Promise<void>;
  /** All that it holds, as text. */
  dump(db: Pick<TestStore, 'look'>): Promise<string>;
  stop(): Promise<void>;
}

const MISSING = hasRedis() ? '' : ' (not run: no redis-server here)';

/** Declares the same cases once for each backend; where there is no Redis its cases are skipped and counted. */
export function onEachBackend(declare: (backend: Backend) => void): void {
  describe('queue on PostgreSQL', () => {
    declare('PostgreSQL');
  });
  const onRedis = hasRedis() ? describe : describe.skip;
  onRedis(`queue on Redis${MISSING}`, () => {
    declare('Redis');
  });
}

async function wipeTable(db: Pick<TestStore, 'force'>): Promise<void> {
  await db.force('truncate bullmq.job cascade');
}

/** Starts it. On PostgreSQL there is nothing to start. */
export async function startQueueServer(backend: Backend): Promise<QueueServer> {
  if (backend === 'PostgreSQL')
    return {
      env: {},
      wipe: wipeTable,
      refuse: async (db, is) => {
        const refuse = is
          ? 'add constraint full_up check (false) not valid'
          : 'drop constraint full_up';
        await db.force(`alter table bullmq.job ${refuse}`);
      },
      restart: async (db) => {
        await db.force(
          `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename <> 'postgres'`,
        );
        await wipeTable(db);
      },
      dump: async (db) => {
        const rows = await db.look<{ text: string }>('select j::text as text from bullmq.job j');
        return rows.map(({ text }) => text).join('\n');
      },
      stop: async () => undefined,
    };
  let redis = await startRedis();
  return {
    env: { REDIS_URL: redis.url },
    wipe: async () => {
      await redis.say('FLUSHALL');
    },
    refuse: async (_db, is) => {
      await redis.say('CONFIG', 'SET', 'maxmemory', is ? '1' : '0');
    },
    restart: async () => {
      await redis.stop();
      redis = await startRedis(redis.port);
    },
    dump: () => textOfAll(redis),
    stop: () => redis.stop(),
  };
}

const READERS: Readonly<Record<string, readonly string[]>> = {
  hash: ['HGETALL'],
  string: ['GET'],
  list: ['LRANGE', '0', '-1'],
  zset: ['ZRANGE', '0', '-1'],
  stream: ['XRANGE', '-', '+'],
};

async function textOfAll(redis: RedisServer): Promise<string> {
  const keys = (await redis.say('KEYS', '*')) as readonly string[];
  const texts: string[] = [];
  for (const key of keys) {
    const [command, ...rest] = READERS[String(await redis.say('TYPE', key))] ?? [];
    if (command !== undefined) texts.push(JSON.stringify(await redis.say(command, key, ...rest)));
  }
  return texts.join('\n');
}
