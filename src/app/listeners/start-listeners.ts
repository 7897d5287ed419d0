import { setTimeout as sleep } from 'node:timers/promises';
import type { Store } from '../../db/store.ts';
import { listTenants } from '../../db/tenants.ts';
import { noteListener } from '../../intake/change-checkpoints.ts';
import { isLive, listConnections, type Connection } from '../../intake/connections.ts';
import { messageOf } from '../../kernel/errors.ts';
import { hashJson, type JsonObject } from '../../kernel/hash.ts';
import type { Registry } from '../../registry/load-registry.ts';
import { streamsOf } from '../connection-streams.ts';
import type { Deps } from '../deps.ts';
import { listenToConnection, type Listened } from './listen-to-connection.ts';

const EVERY_MS = 10_000;

type ListenerDeps = Pick<Deps, 'store' | 'registry' | 'queue' | 'sessions' | 'logger'>;

export interface Listeners {
  /** Ends all listening, and waits until what was heard is kept. */
  stop(): Promise<void>;
}

/** One connection to listen to; `key` changes with its settings. */
interface Wanted extends Listened {
  readonly key: string;
}

interface Running {
  readonly wanted: Wanted;
  end(): Promise<void>;
}

/**
 * Listens to the changes of every connection that can tell them and whose settings ask for it. One process does it for
 * all, under an advisory lock; when it dies the next one takes over from the stored places. A connection that is paused,
 * removed or set otherwise is left within seconds.
 */
export function startListeners(
  deps: ListenerDeps,
  { everyMs = EVERY_MS }: { readonly everyMs?: number } = {},
): Listeners {
  const stopped = new AbortController();
  const running = beat(deps, everyMs, stopped.signal);
  return {
    stop: async () => {
      stopped.abort();
      await running;
    },
  };
}

async function beat(deps: ListenerDeps, everyMs: number, stopped: AbortSignal): Promise<void> {
  while (!stopped.aborted) {
    try {
      // The lock costs a connection to the database, so nobody takes it for nothing.
      if ((await wantedNow(deps)).length > 0) {
        await deps.store.tryLock('change-listeners', (lost) =>
          supervise(deps, everyMs, AbortSignal.any([stopped, lost])),
        );
      }
    } catch (error) {
      deps.logger.warn('the listeners could not be looked after and are tried again', {
        reason: messageOf(error),
      });
    }
    await pause(everyMs, stopped);
  }
}

/** Keeps the right connections listened to, for as long as there are any and the lock is ours. */
async function supervise(deps: ListenerDeps, everyMs: number, signal: AbortSignal): Promise<void> {
  const running = new Map<string, Running>();
  try {
    while (!signal.aborted) {
      const wanted = await wantedNow(deps);
      await settle(deps, running, wanted, signal);
      if (wanted.length === 0) return;
      await pause(everyMs, signal);
    }
  } finally {
    await Promise.all([...running.values()].map((each) => each.end()));
  }
}

async function settle(
  deps: ListenerDeps,
  running: Map<string, Running>,
  wanted: readonly Wanted[],
  signal: AbortSignal,
): Promise<void> {
  const keys = new Set(wanted.map((each) => each.key));
  for (const [key, each] of running) {
    if (keys.has(key)) continue;
    running.delete(key);
    await each.end();
    await noteOff(deps.store, each.wanted);
  }
  for (const each of wanted) {
    if (!running.has(each.key)) running.set(each.key, start(deps, each, signal));
  }
}

function start(deps: ListenerDeps, wanted: Wanted, signal: AbortSignal): Running {
  const own = new AbortController();
  const done = listenToConnection(deps, wanted, AbortSignal.any([own.signal, signal]));
  return {
    wanted,
    end: async () => {
      own.abort();
      await done;
    },
  };
}

async function noteOff(store: Store, { tenantId, connection }: Wanted): Promise<void> {
  await store.withTenant(tenantId, (tx) =>
    noteListener(tx, { connection, state: 'off', reason: null }),
  );
}

/** Every connection that shall be listened to now, of all companies. */
async function wantedNow({ store, registry }: ListenerDeps): Promise<readonly Wanted[]> {
  const wanted: Wanted[] = [];
  for (const { id: tenantId } of await listTenants(store)) {
    const connections = await store.readTenant(tenantId, listConnections);
    wanted.push(...connections.flatMap((each) => wantedOf(registry, tenantId, each)));
  }
  return wanted;
}

function wantedOf(registry: Registry, tenantId: string, connection: Connection): readonly Wanted[] {
  if (!isLive(connection) || connection.status === 'paused') return [];
  // One that is not installed any more must not keep the others from being heard.
  const connector = registry.connectors.get(connection.connector);
  if (connector?.listensTo === undefined) return [];
  const parsed = connector.config.safeParse(connection.config);
  if (!parsed.success) return [];
  const read = new Set(streamsOf(registry, connection).map((stream) => stream.name));
  const streams = connector.listensTo(parsed.data).filter((name) => read.has(name));
  if (streams.length === 0) return [];
  const settings: JsonObject = {
    tenantId,
    connection: connection.id,
    config: connection.config,
    streams: [...streams],
  };
  return [{ tenantId, connection: connection.id, streams, key: hashJson(settings) }];
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
