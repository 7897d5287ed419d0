import { randomBytes } from 'node:crypto';
import { buildFlows } from '../../src/app/build-flows.ts';
import type { Deps } from '../../src/app/deps.ts';
import { addConnection } from '../../src/app/flows/add-connection.ts';
import { bootstrapTenant } from '../../src/app/flows/bootstrap-tenant.ts';
import { changeConnection } from '../../src/app/flows/change-connection.ts';
import { startPull, type StartPull } from '../../src/app/flows/start-pull.ts';
import { createPacing } from '../../src/app/pacing.ts';
import { createSessions, type Sessions } from '../../src/app/sessions.ts';
import type { TenantTx } from '../../src/db/store.ts';
import { getRun, type Run } from '../../src/intake/runs.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import { loadBuiltins } from '../../src/mapping/builtin.ts';
import { listStuck, requestWork } from '../../src/queue/outbox.ts';
import type { Queue, WorkRef } from '../../src/queue/port.ts';
import { createRunner } from '../../src/queue/runner.ts';
import { loadRegistry } from '../../src/registry/load-registry.ts';
import { generateCompany, type SampleCompany } from '../../src/sample/company.ts';
import type { TwinWorld } from '../../src/sdk/define-twin.ts';
import { systemCaller, type Caller } from '../../src/security/caller.ts';
import { kekFromBytes } from '../../src/security/kek.ts';
import { startCompany, SYSTEMS, type CompanyTwins } from './company-twins.ts';
import { testStore } from './database.ts';

/** The connections of the sample company, by what they are to it. */
const CONNECTIONS = { salesforce: 'crm', netsuite: 'erp', scim: 'people' } as const;
const SMALLEST = 0.25;
/** More rounds than any story here needs: a job that asks for itself at once would go on for ever. */
const MAX_RUNS = 3_000;

export interface DrainOptions {
  /** Makes what waits for its time due as well. */
  readonly skipWaits?: boolean;
  /** As if no call of ours could be on its way to a vendor any more. */
  readonly endLeases?: boolean;
  /** Jobs that are left where they are, as if their workers were busy. */
  readonly without?: readonly string[];
}

/** What happens at the source while it is read. */
export interface ReadHooks {
  afterPage: (stream: string) => Promise<void>;
}

/** The whole program over one company, without its edges: real store, plug-ins, twins, outbox and leases. */
export interface Harness {
  readonly deps: Deps;
  readonly hooks: ReadHooks;
  readonly company: SampleCompany;
  readonly twins: CompanyTwins;
  readonly caller: Caller;
  inTx<T>(fn: (tx: TenantTx) => Promise<T>): Promise<T>;
  /** The owner's URL of the database. */
  readonly databaseUrl: string;
  /** Changes rows as no path of the program may, such as the state of an intent. */
  force(sql: string, params?: readonly unknown[]): Promise<number>;
  /** Asks for a job as a schedule would. */
  ask(job: string, payload?: Record<string, string | number | null>): Promise<void>;
  /** Works off the outbox until nothing is due. */
  drain(options?: DrainOptions): Promise<void>;
  /** Opens a run, works everything off and returns the run with its sums. */
  pull(connection: string, options?: Omit<StartPull, 'connection'> & DrainOptions): Promise<Run>;
  /** Opens both sides of the deal loop for writing. */
  allowWrites(): Promise<void>;
  stop(): Promise<void>;
}

/** Wakes nobody: what is due stands in the outbox, and `drain` looks there. */
const silentQueue: Queue = {
  enqueue: async () => undefined,
  start: async () => undefined,
  close: async () => undefined,
  ping: async () => undefined,
  depth: async () => ({ interactive: 0, bulk: 0, schedule: 0 }),
};

/**
 * Builds the program over a freshly generated company, with its four connections added read-only. `inCrm` and `inErp`
 * put into the two what the sample company has none of.
 */
export async function startHarness(
  seed = 1,
  inCrm: (world: TwinWorld) => TwinWorld = (world) => world,
  inErp: (world: TwinWorld) => TwinWorld = (world) => world,
): Promise<Harness> {
  const db = await testStore();
  const registry = await loadRegistry();
  const generated = generateCompany(seed, { scale: SMALLEST });
  const { worlds } = generated;
  const company = {
    ...generated,
    worlds: {
      ...worlds,
      salesforce: inCrm(worlds.salesforce),
      netsuite: inErp(worlds.netsuite),
    },
  };
  const twins = await startCompany(registry, company);
  const kek = kekFromBytes(randomBytes(32));
  const clock = systemClock(company.today);
  const common = { store: db.store, registry, kek, clock, logger: silentLogger };
  const sessions = createSessions(common);
  const mappings = await loadBuiltins(registry.mappingsDir, registry.transforms);
  const hooks: ReadHooks = { afterPage: async () => undefined };
  const watched = { ...sessions, of: watching(sessions, hooks) };
  const deps: Deps = {
    ...common,
    sessions: watched,
    mappings,
    pacing: createPacing(),
    queue: silentQueue,
    home: twins.directory,
  };
  const { tenantId } = db;
  const caller = systemCaller(tenantId, 'test');
  const admin = { name: 'Ada' };
  await bootstrapTenant(deps, { id: tenantId, name: 'Acme', admin, actor: caller.actor });
  await addConnections(deps, caller, twins);
  const drain = createDrain(deps, tenantId);
  return {
    deps,
    hooks,
    company,
    twins,
    caller,
    drain,
    inTx: (fn) => db.store.withTenant(tenantId, fn),
    databaseUrl: db.url,
    force: (sql, params) => db.force(sql, params),
    ask: async (job, payload = {}) => {
      await db.store.withTenant(tenantId, (tx) => requestWork(tx, [{ job, key: '', payload }]));
    },
    pull: async (connection, options = {}) => {
      // A window waits while its last second has changes in it; the clock moves on instead.
      await twins.netsuite.advance(1);
      const { runId } = await startPull(deps, caller, { ...options, connection });
      await drain(options);
      return db.store.readTenant(tenantId, (tx) => getRun(tx, runId));
    },
    allowWrites: async () => {
      for (const id of ['crm', 'erp'])
        await changeConnection(deps, caller, { id, mode: 'read-write' });
    },
    stop: async () => {
      await sessions.close();
      await twins.stop();
      await db.close();
    },
  };
}

function watching(sessions: Sessions, hooks: ReadHooks): Sessions['of'] {
  return async (tenantId, connection, options) => {
    const session = await sessions.of(tenantId, connection, options);
    return {
      ...session,
      readPage: async (stream, window, after, options) => {
        const page = await session.readPage(stream, window, after, options);
        await hooks.afterPage(stream);
        return page;
      },
    };
  };
}

async function addConnections(deps: Deps, caller: Caller, twins: CompanyTwins): Promise<void> {
  const common = { allowPrivateNetwork: true, check: false, force: false };
  for (const system of SYSTEMS) {
    const credentials = twins[system].running.credentials;
    await addConnection(deps, caller, {
      ...common,
      ...credentials,
      name: CONNECTIONS[system],
      connector: system,
    });
  }
  await addConnection(deps, caller, {
    ...common,
    name: 'files',
    connector: 'file',
    config: { directory: twins.directory },
    secrets: {},
  });
}

function createDrain(deps: Deps, tenantId: string): Harness['drain'] {
  const run = createRunner({ ...deps, jobs: deps.registry.jobs, flows: buildFlows(deps) });
  const never = new AbortController().signal;
  const due = async (without: readonly string[]): Promise<readonly WorkRef[]> => {
    const sql = 'select d.tenant_id as "tenantId", d.job, d.key, d.version from app.due_work(20) d';
    const rows = await deps.store.asOwner((tx) => tx.sql<WorkRef>(sql));
    return rows.filter(({ job }) => !without.includes(job));
  };
  return async ({ skipWaits = false, endLeases = false, without = [] } = {}) => {
    if (endLeases) await deps.store.withTenant(tenantId, endEveryLease);
    if (skipWaits) await deps.store.withTenant(tenantId, skipEveryWait);
    let runs = 0;
    for (let work = await due(without); work.length > 0; work = await due(without)) {
      await Promise.all(work.map((ref) => run(ref, never)));
      runs += work.length;
      const [first] = work;
      if (runs > MAX_RUNS) throw new Error(`The outbox never empties: ${first?.job} ${first?.key}`);
    }
    const stuck = await deps.store.readTenant(tenantId, (tx) => listStuck(tx));
    if (stuck.length > 0) throw new Error(`Work is stuck: ${JSON.stringify(stuck)}`);
  };
}

async function endEveryLease(tx: TenantTx): Promise<void> {
  await tx.run(`update intent set lease_until = app.clock() where lease_until > app.clock()`);
}

/** As if the time that intents and their work wait for had come. */
async function skipEveryWait(tx: TenantTx): Promise<void> {
  await tx.run(`update outbox set not_before = app.clock() where not_before < 'infinity'`);
  await tx.run(`update intent set not_before = app.clock() where not_before > app.clock()`);
}
