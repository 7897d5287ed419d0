import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { addConnection } from '../../src/app/flows/add-connection.ts';
import { changeConnection } from '../../src/app/flows/change-connection.ts';
import { verifyAudit } from '../../src/app/flows/verify-audit.ts';
import { deliverWork } from '../../src/app/request.ts';
import type { Deps } from '../../src/app/deps.ts';
import { createPacing } from '../../src/app/pacing.ts';
import { createSessions } from '../../src/app/sessions.ts';
import { createTenant } from '../../src/db/tenants.ts';
import type { Effect } from '../../src/delivery/effect.ts';
import { proposeIntents } from '../../src/delivery/intents.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import type { JsonObject } from '../../src/kernel/hash.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import { loadBuiltins } from '../../src/mapping/builtin.ts';
import { requestWork } from '../../src/queue/outbox.ts';
import type { Queue } from '../../src/queue/port.ts';
import { loadRegistry } from '../../src/registry/load-registry.ts';
import { generateCompany } from '../../src/sample/company.ts';
import { systemCaller } from '../../src/security/caller.ts';
import { openKek, plantCanary } from '../../src/security/open-kek.ts';
import { controlOf, startSystem, textOf, type CompanyTwin } from '../support/company-twins.ts';
import { testStore, type TestStore } from '../support/database.ts';
import { makeTestHome } from '../support/test-home.ts';
import { startWorkerProcess, type WorkerOptions, type WorkerProcess } from './worker-process.ts';

/** Companies over the same two vendors, each with records of its own, and worker processes of the real program. */
export interface Rig {
  readonly db: TestStore;
  readonly tenants: readonly string[];
  readonly crm: CompanyTwin;
  readonly erp: CompanyTwin;
  /** Ids that the vendors had before us. */
  readonly accounts: readonly string[];
  readonly products: readonly string[];
  /** What an order of ours may name: an order that the ERP holds, without what is its own. */
  readonly order: JsonObject;
  /** Asks for these effects as the business would, and for their delivery. Wakes nobody. */
  propose(tenantId: string, effects: readonly Effect[]): Promise<void>;
  startWorker(options?: WorkerOptions): Promise<WorkerProcess>;
  /** As the operator sees all companies. */
  rows<T extends object>(sql: string, params?: readonly unknown[]): Promise<readonly T[]>;
  /**
   * Dead processes have nothing on its way any more: their calls are where they went to, or nowhere. With a time: those
   * alone that were called before it, for where a worker lives that may still wait for an answer.
   */
  endLeases(calledBefore?: Date): Promise<void>;
  /** The time of the database. */
  now(): Promise<Date>;
  /** What is wrong with the chain of a company's audit; null: it verifies. */
  verifyAudit(tenantId: string): Promise<string | null>;
  /** Where the program keeps what it writes to files. */
  readonly folder: string;
  /** What all workers have said so far. */
  said(): readonly string[];
  stop(): Promise<void>;
}

const SMALLEST = 0.25;
const TODAY = '2026-03-02';
const silentQueue: Queue = {
  enqueue: async () => undefined,
  start: async () => undefined,
  close: async () => undefined,
  ping: async () => undefined,
  depth: async () => ({ interactive: 0, bulk: 0, schedule: 0 }),
};

/** Starts it with so many companies. Takes a few seconds. */
export async function startRig(options: {
  readonly tenants: number;
  readonly seed: number;
  /** For every worker, such as where its queue is. */
  readonly env?: Readonly<Record<string, string>>;
  /** Another store than one of the run's own cluster. */
  readonly db?: TestStore;
}): Promise<Rig> {
  const db = options.db ?? (await testStore());
  const home = await makeTestHome();
  const [configFolder, homeFolder] = [join(home, 'config'), join(home, 'home')];
  await Promise.all([configFolder, homeFolder].map((path) => mkdir(path, { recursive: true, mode: 0o700 }))); // prettier-ignore
  const registry = await loadRegistry();
  const company = generateCompany(options.seed, { scale: SMALLEST });
  const start = async (system: string): Promise<CompanyTwin> =>
    controlOf(await startSystem(registry, company, system));
  const [crm, erp] = [await start('salesforce'), await start('netsuite')];
  const kek = await openKek(db.store, { file: undefined, configFolder, home: homeFolder });
  const common = {
    store: db.store,
    registry,
    kek,
    clock: systemClock(TODAY),
    logger: silentLogger,
  };
  const sessions = createSessions(common);
  const mappings = await loadBuiltins(registry.mappingsDir, registry.transforms);
  const deps: Deps = { ...common, sessions, mappings, pacing: createPacing(), queue: silentQueue, home: homeFolder }; // prettier-ignore
  const tenants = Array.from({ length: options.tenants }, (_, n) => `company-${n + 1}`);
  for (const id of tenants) await addCompany(deps, id, { crm, erp });
  const env = { DATABASE_URL: db.url, TRUEUP_HOME: homeFolder, XDG_CONFIG_HOME: configFolder, TRUEUP_TODAY: TODAY, ...options.env }; // prettier-ignore
  const workers: WorkerProcess[] = [];
  return {
    db,
    tenants,
    crm,
    erp,
    accounts: (await crm.records('Account')).map((each) => textOf(each, 'Id')),
    order: orderLike((await erp.records('salesOrder'))[0]),
    products: (await crm.records('Product2')).map((each) => textOf(each, 'Id')),
    propose: (tenantId, effects) => propose(db, tenantId, effects),
    startWorker: async (given) => {
      const worker = await startWorkerProcess(env, given);
      workers.push(worker);
      return worker;
    },
    rows: async (sql, params = []) => db.look(sql, params),
    endLeases: async (calledBefore) => {
      await db.force(
        `update intent set lease_until = app.clock(), not_before = least(not_before, app.clock())
         where state = 'UNKNOWN' and lease_until > app.clock() and ($1::timestamptz is null or sent_at < $1)`,
        [calledBefore ?? null],
      );
      // All are dead: what was sent in vain several times waits up to a day, and nobody waits for that here.
      if (calledBefore !== undefined)
        await db.force(`update intent set not_before = app.clock() where state = 'PLANNED' and not_before > app.clock()`); // prettier-ignore
      await db.force(`update outbox set not_before = app.clock() where job = 'deliver' and not_before > app.clock() and not_before < 'infinity'`); // prettier-ignore
    },
    now: async () => {
      const [row] = await db.look<{ now: Date }>('select app.clock() as now');
      if (row === undefined) throw new Error('The database told no time.');
      return row.now;
    },
    verifyAudit: async (tenantId) => {
      const checked = await verifyAudit(deps, systemCaller(tenantId, 'test'));
      return checked.ok ? null : JSON.stringify(checked);
    },
    folder: homeFolder,
    said: () => workers.map((worker) => worker.said()),
    stop: async () => {
      await Promise.all(workers.map((worker) => worker.kill()));
      await sessions.close();
      await Promise.all([crm, erp].map(({ running }) => running.stop()));
      await db.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

function orderLike(held: JsonObject | undefined): JsonObject {
  const Held = z.object({
    entity: z.object({ id: z.string() }),
    subsidiary: z.object({ id: z.string() }),
    item: z.object({ items: z.array(z.object({ item: z.object({ id: z.string() }) })) }),
  });
  const { entity, subsidiary, item } = Held.parse(held);
  return { entity, subsidiary, item: item.items[0]?.item ?? null };
}

async function addCompany(
  deps: Deps,
  id: string,
  twins: { readonly crm: CompanyTwin; readonly erp: CompanyTwin },
): Promise<void> {
  await createTenant(deps.store, { id, name: id });
  await deps.store.withTenant(id, (tx) => plantCanary(tx, deps.kek));
  const caller = systemCaller(id, 'test');
  for (const [name, connector] of [
    ['crm', 'salesforce'],
    ['erp', 'netsuite'],
  ] as const) {
    const { credentials } = twins[name].running;
    await addConnection(deps, caller, { ...credentials, name, connector, allowPrivateNetwork: true, check: false, force: false }); // prettier-ignore
    await changeConnection(deps, caller, { id: name, mode: 'read-write' });
  }
  // What comes by the clock is another test's matter; this one is about effects.
  await deps.store.withTenant(id, (tx) => tx.run(`update schedule set enabled = false`));
}

async function propose(db: TestStore, tenantId: string, effects: readonly Effect[]): Promise<void> {
  await db.store.withTenant(tenantId, async (tx) => {
    const { targets } = await proposeIntents(tx, effects);
    await requestWork(tx, targets.map(deliverWork));
  });
}
