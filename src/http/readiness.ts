import { readMigrations } from '../db/migration-files.ts';
import type { HttpDeps } from './http-deps.ts';

export interface Readiness {
  readonly ready: boolean;
  readonly parts: {
    readonly database: boolean;
    readonly queue: boolean;
    readonly migrations: boolean;
  };
}

/** Whoever asks more often than this gets the last answer: an open door must not become a way to load the database. */
const CACHE_MS = 1000;

interface Asked {
  readonly at: number;
  readonly answer: Promise<Readiness>;
}

const asked = new WeakMap<HttpDeps['store'], Asked>();

/** Whether requests can be served: the database answers, the queue answers, the schema is this version's. */
export function readinessOf(deps: Pick<HttpDeps, 'store' | 'queue'>): Promise<Readiness> {
  const last = asked.get(deps.store);
  if (last !== undefined && performance.now() - last.at < CACHE_MS) return last.answer;
  const answer = ask(deps);
  asked.set(deps.store, { at: performance.now(), answer });
  return answer;
}

async function ask({ store, queue }: Pick<HttpDeps, 'store' | 'queue'>): Promise<Readiness> {
  const works = async (try_: Promise<unknown>): Promise<boolean> =>
    await try_.then(
      () => true,
      () => false,
    );
  const [database, queueAnswers, migrations] = await Promise.all([
    works(store.ping()),
    works(queue.ping()),
    isMigrated(store).catch(() => false),
  ]);
  return {
    ready: database && queueAnswers && migrations,
    parts: { database, queue: queueAnswers, migrations },
  };
}

async function isMigrated(store: HttpDeps['store']): Promise<boolean> {
  const newest = (await readMigrations()).at(-1)?.number ?? 0;
  const [row] = await store.asOwner((tx) =>
    tx.sql<{ number: number }>('select max(migration.number) as number from public.migration'),
  );
  return row?.number === newest;
}
