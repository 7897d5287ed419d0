import { createHash } from 'node:crypto';
import type { JsonObject } from '../../src/kernel/hash.ts';
import { createSeeded, type Seeded } from './seeded.ts';
import { openSimulation, type Simulation, type SimulationHost } from './simulation.ts';
import { CALM } from './sky.ts';
import { verify } from './verify.ts';
import { installRandom, virtualTime } from './virtual-time.ts';
import type { SimulatedVendor } from './vendor.ts';
import { NETSUITE } from './netsuite-vendor.ts';
import { SCIM } from './scim-vendor.ts';
import { SALESFORCE } from './salesforce-vendor.ts';

export interface SeedResult {
  readonly seed: number;
  /** Empty: nothing lost, nothing doubled. */
  readonly problems: readonly string[];
  /** Of everything that happened, in order. */
  readonly hash: string;
  readonly counts: Simulation['counts'];
  readonly trace: readonly string[];
}

const VENDORS: readonly SimulatedVendor[] = [SALESFORCE, NETSUITE, SCIM];
/** Quiet reads until every stream has closed: what a vendor's bad day may leave undone. */
const CALM_READS = 4;
/** A slow machine takes long; a simulation in which nothing happens for so long hangs. */
const PATIENCE_LOOKS = 24;
const LOOK_MS = 5_000;

/** Lives through a seed: rough reads, then calm ones, then the comparison with what the vendor holds. */
export async function runSeed(
  host: SimulationHost,
  seed: number,
  vendor: string | null,
): Promise<SeedResult> {
  virtualTime.reset();
  const seeded = createSeeded(seed);
  installRandom(seeded.fork().next);
  const simulation = await openSimulation(host, vendorOf(seeded, vendor), seed);
  const stuck = Promise.withResolvers<never>();
  const watch = watchProgress(simulation, (error) => stuck.reject(error));
  try {
    const problems = await Promise.race([live(simulation), stuck.promise]);
    return result(simulation, seed, problems);
  } catch (error) {
    const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return result(simulation, seed, [told]);
  } finally {
    clearInterval(watch);
    await simulation.close();
  }
}

/** Tells when nothing has happened for two minutes of the machine's own time. */
function watchProgress(simulation: Simulation, tell: (error: Error) => void): NodeJS.Timeout {
  let seen = 0;
  let still = 0;
  return setInterval(() => {
    const now = simulation.trace().length;
    still = now === seen ? still + 1 : 0;
    seen = now;
    if (still >= PATIENCE_LOOKS)
      tell(new Error(`Nothing happens any more; ${simulation.describe()}.`));
  }, LOOK_MS);
}

/** The vendor of that name, or one that the seed picks. */
function vendorOf(seeded: Seeded, name: string | null): SimulatedVendor {
  const picked = seeded.pick(VENDORS);
  if (name === null) return picked;
  const named = VENDORS.find(({ system }) => system === name);
  if (named !== undefined) return named;
  throw new Error(`There is no vendor "${name}". There are ${VENDORS.map(({ system }) => system).join(', ')}.`); // prettier-ignore
}

function result(simulation: Simulation, seed: number, problems: readonly string[]): SeedResult {
  const trace = simulation.trace();
  const hash = createHash('sha256').update(trace.join('\n')).digest('hex').slice(0, 16);
  return { seed, problems, hash, counts: simulation.counts, trace };
}

async function live(simulation: Simulation): Promise<readonly string[]> {
  const { seeded } = simulation;
  for (let reads = seeded.whole(1, 2); reads > 0; reads -= 1) await roughRead(simulation);
  simulation.setWeather(CALM);
  await simulation.setFaults([]);
  virtualTime.advanceTo(virtualTime.now() + 30_000);
  for (let reads = 0; reads < CALM_READS; reads += 1) {
    const runId = await simulation.pull(false);
    await simulation.turns.drain(2);
    if (await hasSucceeded(simulation, runId)) return await verify(simulation);
  }
  const reasons = await openReasons(simulation);
  return [`no read closed in ${CALM_READS} calm ones: ${reasons}`, ...(await verify(simulation))];
}

/** What the last streams that failed, or wait, say of it. */
async function openReasons({ store, tenantId }: Simulation): Promise<string> {
  const rows = await store.readTenant(tenantId, (tx) =>
    tx.sql<{ said: string }>(
      `select s.stream || ' is ' || s.status || coalesce(' ' || (s.error ->> 'message'), '') as said
       from run_stream s where s.status <> 'succeeded' order by s.run_id desc limit 4`,
    ),
  );
  return rows.map(({ said }) => said).join('; ');
}

async function roughRead(simulation: Simulation): Promise<void> {
  const { seeded, vendor } = simulation;
  await simulation.setFaults([...vendor.stateFaults(seeded), ...wireFaults(seeded, vendor)]);
  simulation.setWeather({
    change: seeded.chance(0.7) ? seeded.next() * 0.6 : 0,
    crash: seeded.chance(0.7) ? seeded.next() * 0.08 : 0,
    zombie: seeded.chance(0.3) ? 0.05 : 0,
  });
  await simulation.pull(seeded.chance(0.2));
  if (seeded.chance(0.2)) await simulation.pull(false);
  await simulation.turns.drain(seeded.whole(1, 2));
  virtualTime.advanceTo(virtualTime.now() + seeded.whole(0, 3_600_000));
}

/** Faults of the wire, few enough for a read to come through them now and then. */
function wireFaults(seeded: Seeded, { path, spares }: SimulatedVendor): readonly JsonObject[] {
  const match = { path };
  const all: readonly (JsonObject & { readonly action: string })[] = [
    { action: 'status', status: 503 },
    { action: 'status', status: 429, headers: { 'retry-after': '3' } },
    { action: 'status', status: 429, headers: { 'retry-after': 'soon' } },
    { action: 'reset_before' },
    { action: 'apply_then_reset' },
    { action: 'apply_then_hang' },
    { action: 'truncate_body' },
    { action: 'malformed_json' },
    { action: 'html_page' },
    { action: 'wrong_type' },
    { action: 'redirect' },
    { action: 'huge_body' },
    { action: 'delay', delayMs: seeded.whole(100, 90_000) },
    { action: 'expire_token' },
  ];
  return seeded
    .shuffled(all.filter(({ action }) => !spares.includes(action)))
    .slice(0, seeded.whole(0, 4))
    .map((fault) => ({ ...fault, match, rate: seeded.next() * 0.15 }));
}

async function hasSucceeded({ store, tenantId }: Simulation, runId: string): Promise<boolean> {
  const rows = await store.readTenant(tenantId, (tx) =>
    tx.sql(`select from run where id = $1 and status = 'succeeded'`, [runId]),
  );
  return rows.length === 1;
}
