import type { Deps } from '../../src/app/deps.ts';
import { addConnection } from '../../src/app/flows/add-connection.ts';
import { changeConnection } from '../../src/app/flows/change-connection.ts';
import { startPull } from '../../src/app/flows/start-pull.ts';
import { deliverWork } from '../../src/app/request.ts';
import type { Store } from '../../src/db/store.ts';
import { createTenant } from '../../src/db/tenants.ts';
import { openTargets } from '../../src/delivery/dispatch.ts';
import type { Effect } from '../../src/delivery/effect.ts';
import { proposeIntents } from '../../src/delivery/intents.ts';
import { noteLogin } from '../../src/intake/connections.ts';
import type { JsonObject } from '../../src/kernel/hash.ts';
import { armKillPoints } from '../../src/kernel/kill-point.ts';
import { requestWork } from '../../src/queue/outbox.ts';
import type { RunningTwin } from '../../src/sdk/define-twin.ts';
import type { OracleEntry } from '../../src/sdk/twin-kit/oracle.ts';
import { systemCaller } from '../../src/security/caller.ts';
import { atVendor } from './clocks.ts';
import { createCrew } from './crew.ts';
import { addressed, dependencies, type SimulationHost } from './dependencies.ts';
import type { Tally } from './happenings.ts';
import { createListening, type Listening } from './listening.ts';
import { createPeople, type People } from './people.ts';
import { createPushes, PUSH_SECRETS, type Pushes } from './pushes.ts';
import { createSchedule } from './schedule.ts';
import { createSeeded, type Seeded } from './seeded.ts';
import { simulatedEgress } from './simulated-wire.ts';
import { askControl, CALM, createSky, type Weather } from './sky.ts';
import type { SimulatedVendor } from './vendor.ts';
import { virtualTime } from './virtual-time.ts';
import { createTurns, type Turns } from './turns.ts';

export const CONNECTION = 'source';

/** One company, one vendor, some workers: everything that a seed decides. */
export interface Simulation {
  readonly seeded: Seeded;
  readonly vendor: SimulatedVendor;
  readonly tenantId: string;
  /** No worker runs while the simulation itself asks the store. */
  readonly store: Store;
  readonly tally: Tally;
  readonly turns: Turns;
  readonly people: People;
  readonly pushes: Pushes;
  /** Null where the vendor has no events to hear. */
  readonly listening: Listening | null;
  setWeather(weather: Weather): void;
  /** Ends every storm, and sets the clocks right. */
  calm(): void;
  records(stream: string): Promise<readonly JsonObject[]>;
  /** Somebody changes something at the vendor. */
  change(): Promise<void>;
  /** This very change; returns the record's id. */
  mutate(mutation: JsonObject): Promise<string>;
  /** What happens just before the next read of the first stream is proven. */
  onProof(act: () => Promise<void>): void;
  /** Replaces the vendor's faults; none clears them. */
  setFaults(rules: readonly JsonObject[]): Promise<void>;
  /** Adds a line to the trace. Nothing in it may depend on chance beyond the seed. */
  note(line: string): void;
  trace(): readonly string[];
  /** Asks for a read of every stream; returns the run's id. */
  pull(full: boolean): Promise<string>;
  /** Lets Trueup write to the vendor. */
  openForWriting(): Promise<void>;
  /** A person gives credentials anew where a login was refused. */
  signIn(): Promise<void>;
  /** Asks for effects as the business would, and for their delivery. */
  deliver(effects: readonly Effect[]): Promise<void>;
  /** What the vendor applied of what was written to it. */
  oracle(): Promise<readonly OracleEntry[]>;
  /** Runs during which nobody changed anything: their certificates have no excuse. */
  readonly undisturbed: Set<string>;
  /** How often somebody went on so far. */
  steps(): number;
  /** Who waits for what. */
  describe(): string;
  close(): Promise<void>;
}

/** Founds the company of a seed, with its vendor's twin and a connection to it. Workers do these jobs; other work is left. */
export async function openSimulation(
  host: SimulationHost,
  vendor: SimulatedVendor,
  seed: number,
  jobs: readonly string[],
): Promise<Simulation> {
  const seeded = createSeeded(seed);
  const tally: Tally = {};
  const tenantId = `seed-${seed}-${vendor.system}`;
  await createTenant(host.store, { id: tenantId, name: tenantId });
  const twin = await startTwin(host, vendor, seeded.fork(), seed);
  const schedule = createSchedule(seeded.fork().next);
  const crew = createCrew(schedule, seeded.fork());
  const sky = createSky({ vendor, seeded, schedule, crew, twin, tally });
  const egress = simulatedEgress(twin, sky.events);
  const site = { vendor, host: `seed-${seed}.sim`, tuned: vendor.tune?.(seeded.fork()) ?? {} };
  const deps = dependencies(host, {
    twin,
    schedule,
    crew,
    egress,
    site,
    connection: CONNECTION,
  });
  const { store } = deps;
  const turns = createTurns({ deps, crew, tenantId, store, seeded: seeded.fork(), jobs });
  const caller = systemCaller(tenantId, 'simulation');
  const people = createPeople(deps, caller, { seeded: seeded.fork(), tally });
  const place = { deps, crew, tenantId, connection: CONNECTION };
  const pushes = createPushes({ ...place, vendor, seeded: seeded.fork(), tally, note: sky.note });
  const streams = vendor.streams.map(({ name }) => name);
  const listening = vendor.isPoll === undefined ? null : createListening({ ...place, streams });
  sky.onActs({
    takeOver: () => turns.takeOver(),
    changed: (stream, id) => pushes.announce(stream, id),
    push: (clockJumps) => pushes.deliverOne(clockJumps),
    polled: () => listening?.polled(),
  });
  armKillPoints(sky.atKillPoint);
  await people.setLimits();
  await connect(deps, tenantId, addressed(twin, site), vendor);
  const undisturbed = new Set<string>();
  /** Records come and go between the pages of a read, by a fault of the vendor. */
  let comeAndGo = false;
  return {
    seeded,
    vendor,
    tenantId,
    store,
    tally,
    turns,
    people,
    pushes,
    listening,
    undisturbed,
    setWeather: sky.setWeather,
    calm: () => {
      sky.setWeather(CALM);
      crew.setClocks();
    },
    records: sky.records,
    change: sky.change,
    mutate: sky.mutate,
    onProof: sky.onProof,
    setFaults: async (rules) => {
      comeAndGo = rules.some(
        (rule) => rule['action'] === 'page_shift' && rule['with'] !== undefined,
      );
      await askControl(twin, 'PUT', '/faults', { seed, rules: [...rules] });
    },
    note: sky.note,
    trace: sky.trace,
    pull: async (full) => {
      const { runId } = await startPull(deps, caller, { connection: CONNECTION, streams, full });
      if (sky.isStill() && !comeAndGo) undisturbed.add(runId);
      return runId;
    },
    openForWriting: async () => {
      await changeConnection(deps, caller, { id: CONNECTION, mode: 'read-write' });
    },
    signIn: async () => {
      await store.withTenant(tenantId, async (tx) => {
        await noteLogin(tx, CONNECTION, 'worked');
        await requestWork(tx, (await openTargets(tx)).map(deliverWork));
      });
    },
    deliver: async (effects) => {
      await store.withTenant(tenantId, async (tx) => {
        const { targets } = await proposeIntents(tx, effects);
        await requestWork(tx, targets.map(deliverWork));
      });
      for (const { canonicalId, fields } of effects)
        sky.note(`asks for ${canonicalId} ${JSON.stringify(fields)}`);
    },
    oracle: async () => (await askControl(twin, 'GET', '/oracle')) as readonly OracleEntry[],
    steps: () => schedule.steps(),
    describe: () => schedule.describe(),
    close: async () => {
      armKillPoints(undefined);
      await twin.stop();
    },
  };
}

async function startTwin(
  { registry }: SimulationHost,
  vendor: SimulatedVendor,
  seeded: Seeded,
  seed: number,
): Promise<RunningTwin> {
  const definition = await registry.twin(vendor.system);
  const startAt = new Date(virtualTime.now()).toISOString();
  const world = vendor.world(seeded);
  return await atVendor(() => definition.start({ world, planted: [], port: null, startAt, seed }));
}

async function connect(
  deps: Deps,
  tenantId: string,
  { config, secrets }: ReturnType<typeof addressed>,
  vendor: SimulatedVendor,
): Promise<void> {
  await addConnection(deps, systemCaller(tenantId, 'simulation'), {
    config,
    secrets: { ...secrets, ...PUSH_SECRETS },
    name: CONNECTION,
    connector: vendor.system,
    allowPrivateNetwork: true,
    check: false,
    force: false,
  });
}
