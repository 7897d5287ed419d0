import type { Deps } from '../../src/app/deps.ts';
import { addConnection } from '../../src/app/flows/add-connection.ts';
import { startPull } from '../../src/app/flows/start-pull.ts';
import { connectorOf } from '../../src/app/connector-of.ts';
import type { Sessions } from '../../src/app/sessions.ts';
import type { Store } from '../../src/db/store.ts';
import { createTenant } from '../../src/db/tenants.ts';
import type { JsonObject } from '../../src/kernel/hash.ts';
import { armKillPoints } from '../../src/kernel/kill-point.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import type { Queue } from '../../src/queue/port.ts';
import type { Egress } from '../../src/sdk/define-connector.ts';
import type { RunningTwin } from '../../src/sdk/define-twin.ts';
import { systemCaller } from '../../src/security/caller.ts';
import { heldSecrets } from '../support/held-secrets.ts';
import { createCrew, type Crew } from './crew.ts';
import { createSchedule, type Schedule } from './schedule.ts';
import { createSeeded, type Seeded } from './seeded.ts';
import { simulatedStore } from './simulated-store.ts';
import { simulatedEgress } from './simulated-wire.ts';
import { askControl, createSky, type Weather } from './sky.ts';
import type { SimulatedVendor } from './vendor.ts';
import { virtualTime } from './virtual-time.ts';
import { createTurns, type Turns } from './turns.ts';

/** What all seeds of a process share. */
export interface SimulationHost extends Pick<Deps, 'registry' | 'mappings' | 'kek'> {
  readonly store: Store;
}

export const CONNECTION = 'source';

/** One company, one vendor, some workers: everything that a seed decides. */
export interface Simulation {
  readonly seeded: Seeded;
  readonly vendor: SimulatedVendor;
  readonly tenantId: string;
  readonly store: Store;
  readonly counts: { calls: number; changes: number; crashes: number; zombies: number };
  readonly turns: Turns;
  setWeather(weather: Weather): void;
  records(stream: string): Promise<readonly JsonObject[]>;
  /** Replaces the vendor's faults; none clears them. */
  setFaults(rules: readonly JsonObject[]): Promise<void>;
  /** Adds a line to the trace. Nothing in it may depend on chance beyond the seed. */
  note(line: string): void;
  trace(): readonly string[];
  /** Asks for a read of every stream; returns the run's id. */
  pull(full: boolean): Promise<string>;
  /** Runs during which nobody changed anything: their certificates have no excuse. */
  readonly undisturbed: Set<string>;
  /** Who waits for what. */
  describe(): string;
  close(): Promise<void>;
}

const silentQueue: Queue = {
  enqueue: async () => undefined,
  start: async () => undefined,
  close: async () => undefined,
  ping: async () => undefined,
  depth: async () => ({ interactive: 0, bulk: 0, schedule: 0 }),
};

/** Founds the company of a seed, with its vendor's twin and a connection to it. */
export async function openSimulation(
  host: SimulationHost,
  vendor: SimulatedVendor,
  seed: number,
): Promise<Simulation> {
  const seeded = createSeeded(seed);
  const tenantId = `seed-${seed}-${vendor.system}`;
  await createTenant(host.store, { id: tenantId, name: tenantId });
  const twin = await (
    await host.registry.twin(vendor.system)
  ).start({
    world: vendor.world(seeded.fork()),
    planted: [],
    port: null,
    startAt: new Date(virtualTime.now()).toISOString(),
    seed,
  });
  const schedule = createSchedule(seeded.fork().next);
  const crew = createCrew(schedule, seeded.fork());
  const sky = createSky({ vendor, seeded, schedule, crew, twin });
  const egress = simulatedEgress(twin, sky.events);
  const address = `seed-${seed}.sim`;
  const deps = dependencies(host, { twin, schedule, crew, vendor, egress, host: address });
  const turns = createTurns({ deps, crew, tenantId, store: host.store, seeded: seeded.fork() });
  sky.onZombie(() => turns.takeOver());
  armKillPoints(sky.atKillPoint);
  const caller = systemCaller(tenantId, 'simulation');
  const credentials = addressed(twin, vendor, address);
  const undisturbed = new Set<string>();
  await addConnection(deps, caller, {
    ...credentials,
    name: CONNECTION,
    connector: vendor.system,
    allowPrivateNetwork: true,
    check: false,
    force: false,
  });
  return {
    seeded,
    vendor,
    tenantId,
    store: host.store,
    counts: sky.counts,
    undisturbed,
    turns,
    setWeather: sky.setWeather,
    records: sky.records,
    setFaults: async (rules) => {
      await askControl(twin, 'PUT', '/faults', { seed, rules: [...rules] });
    },
    note: sky.note,
    trace: sky.trace,
    pull: async (full) => {
      const streams = vendor.streams.map(({ name }) => name);
      const { runId } = await startPull(deps, caller, { connection: CONNECTION, streams, full });
      turns.know(runId);
      if (sky.isStill()) undisturbed.add(runId);
      return runId;
    },
    describe: () => schedule.describe(),
    close: async () => {
      armKillPoints(undefined);
      await twin.stop();
    },
  };
}

/** What a connector keeps per address must not leak from seed to seed: each has an address of its own. */
function addressed(twin: RunningTwin, vendor: SimulatedVendor, host: string) {
  const { config, secrets } = twin.credentials;
  const text = JSON.stringify({ ...config, ...vendor.config }).replaceAll(
    'http://127.0.0.1:1',
    `${vendor.scheme}://${host}`,
  );
  return { config: JSON.parse(text) as JsonObject, secrets };
}

/** The program's dependencies, with a session per worker process and every way out simulated. */
function dependencies(
  host: SimulationHost,
  given: {
    readonly twin: RunningTwin;
    readonly schedule: Schedule;
    readonly crew: Crew;
    readonly vendor: SimulatedVendor;
    readonly egress: Egress;
    readonly host: string;
  },
): Deps {
  const clock = {
    now: () => new Date(virtualTime.now()),
    today: () => new Date(virtualTime.now()).toISOString().slice(0, 10),
  };
  const connector = connectorOf(host.registry, given.vendor.system);
  const credentials = addressed(given.twin, given.vendor, given.host);
  const open = () =>
    connector.open({
      connection: CONNECTION,
      config: connector.config.parse(credentials.config),
      ...heldSecrets(connector.secrets.parse(credentials.secrets)),
      egress: given.egress,
      clock,
      logger: silentLogger,
    });
  const sessions: Sessions = {
    of: () => given.crew.session(open),
    openDraft: async () => {
      throw new Error('Nothing is tried in a simulation.');
    },
    openTrial: open,
    drop: async () => undefined,
    close: async () => undefined,
  };
  return {
    home: '/nowhere',
    store: simulatedStore(host.store, given.schedule),
    registry: host.registry,
    mappings: host.mappings,
    kek: host.kek,
    queue: silentQueue,
    logger: silentLogger,
    clock,
    sessions,
  };
}
