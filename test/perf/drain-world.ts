import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildFlows } from '../../src/app/build-flows.ts';
import type { Deps } from '../../src/app/deps.ts';
import { addConnection } from '../../src/app/flows/add-connection.ts';
import { bootstrapTenant } from '../../src/app/flows/bootstrap-tenant.ts';
import { changeConnection } from '../../src/app/flows/change-connection.ts';
import { createPacing } from '../../src/app/pacing.ts';
import { createSessions } from '../../src/app/sessions.ts';
import type { TenantTx } from '../../src/db/store.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import { loadBuiltins } from '../../src/mapping/builtin.ts';
import type { Queue, WorkRef } from '../../src/queue/port.ts';
import { createRunner } from '../../src/queue/runner.ts';
import { loadRegistry } from '../../src/registry/load-registry.ts';
import { generateCompany, type SampleCompany } from '../../src/sample/company.ts';
import { systemCaller } from '../../src/security/caller.ts';
import { kekFromBytes } from '../../src/security/kek.ts';
import { startTwin, type TwinProcess } from '../support/twin-process.ts';
import { benchStore, TENANT } from './bench-store.ts';

const SEED = 4;
const TICK_MS = 20;

export const SYSTEMS = ['salesforce', 'netsuite'] as const;
export type System = (typeof SYSTEMS)[number];

/** The program over a durable store of its own, with two twins in processes of theirs, and a time that can be skipped. */
export interface DrainWorld {
  readonly company: SampleCompany;
  readonly twins: Readonly<Record<System, TwinProcess>>;
  /** How often a breaker opened, or stayed open after its probe failed. */
  readonly opened: () => number;
  inTx<T>(fn: (tx: TenantTx) => Promise<T>): Promise<T>;
  /** Milliseconds since the world began: those that went by and those that were skipped. */
  now(): number;
  /**
   * Works off what is due, each piece as soon as it is, until nothing is left to do or `until` has come. While all that
   * is left waits for its time, that time is skipped for the store and for the program alike.
   */
  live(until: number): Promise<void>;
  close(): Promise<void>;
}

/** Wakes nobody: what is due stands in the outbox, and `live` looks there. */
const silentQueue: Queue = {
  enqueue: async () => undefined,
  start: async () => undefined,
  close: async () => undefined,
  ping: async () => undefined,
  depth: async () => ({ interactive: 0, bulk: 0, schedule: 0 }),
};

export async function openDrainWorld(): Promise<DrainWorld> {
  const [db, registry] = await Promise.all([benchStore(), loadRegistry()]);
  const [salesforce, netsuite] = await Promise.all(SYSTEMS.map((system) => startTwin(system, SEED)));
  if (salesforce === undefined || netsuite === undefined) throw new Error('A twin did not start.');
  const twins = { salesforce, netsuite };
  const company = generateCompany(SEED);
  let skipped = 0;
  let opened = 0;
  const now = (): number => performance.now() + skipped;
  const common = { store: db.store, registry, kek: kekFromBytes(randomBytes(32)), clock: systemClock(company.today), logger: silentLogger };
  const sessions = createSessions(common);
  const mappings = await loadBuiltins(registry.mappingsDir, registry.transforms);
  const pacing = createPacing({
    now: () => Date.now() + skipped,
    breakerMoved: (_tenant, _connection, breaker) => {
      opened += breaker === null ? 0 : 1;
    },
  });
  const deps: Deps = { ...common, sessions, mappings, pacing, queue: silentQueue, home: '.' };
  await connect(deps, twins);
  const skip = async (ms: number): Promise<void> => {
    skipped += ms;
    const back = (column: string) => `${column} = ${column} - make_interval(secs => $1)`;
    const columns = ['not_before', 'lease_until', 'sent_at'].map(back).join(', ');
    await db.store.withTenant(TENANT, async (tx) => {
      await tx.run(`update outbox set ${back('not_before')} where not_before < 'infinity'`, [ms / 1000]);
      const waits = 'not_before > app.clock() or lease_until is not null or sent_at is not null';
      await tx.run(`update intent set ${columns} where not read_back and (${waits})`, [ms / 1000]);
    });
  };
  return {
    company,
    twins,
    opened: () => opened,
    inTx: (fn) => db.store.withTenant(TENANT, fn),
    now,
    live: (until) => live(deps, { now, skip }, until),
    close: async () => {
      await sessions.close();
      await Promise.all([salesforce.stop(), netsuite.stop()]);
      await db.close();
    },
  };
} // prettier-ignore

async function connect(deps: Deps, twins: DrainWorld['twins']): Promise<void> {
  const caller = systemCaller(TENANT, 'bench');
  await bootstrapTenant(deps, { id: TENANT, name: 'Bench', admin: { name: 'Ada' }, actor: caller.actor });
  for (const system of SYSTEMS) {
    const { credentials } = twins[system];
    const how = { allowPrivateNetwork: true, check: false, force: false };
    await addConnection(deps, caller, { ...how, ...credentials, name: system, connector: system });
    await changeConnection(deps, caller, { id: system, mode: 'read-write' });
  }
} // prettier-ignore

interface Time {
  readonly now: () => number;
  readonly skip: (ms: number) => Promise<void>;
}

async function live(deps: Deps, { now, skip }: Time, until: number): Promise<void> {
  const run = createRunner({ ...deps, jobs: deps.registry.jobs, flows: buildFlows(deps) });
  const never = new AbortController().signal;
  const underWay = new Map<string, Promise<void>>();
  while (now() < until) {
    const due = await dueWork(deps);
    for (const ref of due) {
      const name = `${ref.job}/${ref.key}`;
      if (!underWay.has(name)) underWay.set(name, run(ref, never).finally(() => underWay.delete(name)));
    }
    if (underWay.size > 0) {
      await Promise.race([...underWay.values(), sleep(TICK_MS)]);
      continue;
    }
    const wait = await untilNext(deps);
    if (wait === null) return;
    await skip(Math.min(wait, Math.max(0, until - now())));
  }
  await Promise.all(underWay.values());
} // prettier-ignore

const dueWork = (deps: Deps): Promise<readonly WorkRef[]> =>
  deps.store.asOwner((tx) =>
    tx.sql<WorkRef>(
      'select d.tenant_id as "tenantId", d.job, d.key, d.version from app.due_work(50) d',
    ),
  );

/** Milliseconds until the next piece of work is due; null when none is left. */
async function untilNext(deps: Deps): Promise<number | null> {
  const [row] = await deps.store.readTenant(TENANT, (tx) =>
    tx.sql<{ ms: number | null }>(
      `select ceil(1000 * extract(epoch from min(w.not_before) - app.clock()))::float8 as ms from outbox w
       where w.not_before < 'infinity'`,
    ),
  );
  return row?.ms === null || row === undefined ? null : Math.max(1, row.ms);
}
