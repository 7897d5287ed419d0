import { createHash } from 'node:crypto';
import { createSeeded, type Seeded } from './seeded.ts';
import type { SimulationHost } from './dependencies.ts';
import { openSimulation, type Simulation } from './simulation.ts';
import { ambush } from './ambush.ts';
import { countEvidence } from './evidence.ts';
import type { Tally } from './happenings.ts';
import { hasSucceeded } from './run-state.ts';
import { roughRead } from './rough-read.ts';
import { verify } from './verify.ts';
import { MOST_STEPS } from './schedule.ts';
import { installRandom, virtualTime } from './virtual-time.ts';
import type { SimulatedVendor } from './vendor.ts';
import { NETSUITE } from './netsuite-vendor.ts';
import { SCIM } from './scim-vendor.ts';
import { SALESFORCE } from './salesforce-vendor.ts';
import { partOf, type Part } from './part.ts';
import { writeStory } from './write-story.ts';
import { WRITING_VENDORS } from './writing-vendor.ts';

export interface SeedResult {
  readonly seed: number;
  /** Empty: nothing lost, nothing doubled. */
  readonly problems: readonly string[];
  /** Of everything that happened, in order. */
  readonly hash: string;
  readonly counts: Tally;
  readonly trace: readonly string[];
}

const VENDORS: readonly SimulatedVendor[] = [SALESFORCE, NETSUITE, SCIM];
/** Quiet reads until every stream has closed: what a vendor's bad day may leave undone. */
const CALM_READS = 4;
/** Polls after which the events of a moment ago are kept: the one under way, the next, and one for a listener that starts. */
const POLLS = 3;
/** A slow machine takes long; a simulation in which nothing happens for so long hangs. */
const PATIENCE_LOOKS = 24;
const LOOK_MS = 5_000;
/** Of the trace, for a seed that hangs or goes in circles. */
const LAST_LINES = 5;

const JOBS = { reading: ['pull', 'map'], writing: ['deliver'] } as const;

/** Lives through a seed: a storm, then calm, then the comparison with what the vendor holds. */
export async function runSeed(
  host: SimulationHost,
  seed: number,
  { vendor: name, part: only }: { readonly vendor: string | null; readonly part: Part | null },
): Promise<SeedResult> {
  virtualTime.reset();
  const seeded = createSeeded(seed);
  installRandom(seeded.fork().next);
  const part = partOf(seed, only);
  const writing = part === 'writing' ? vendorOf(seeded, name, WRITING_VENDORS) : null;
  const vendor = writing ?? vendorOf(seeded, name, VENDORS);
  const simulation = await openSimulation(host, vendor, seed, JOBS[part]);
  const stuck = Promise.withResolvers<never>();
  const watch = watchProgress(simulation, (error) => stuck.reject(error));
  try {
    const life = writing === null ? live(simulation) : writeStory(simulation, writing);
    const problems = await Promise.race([life, stuck.promise]);
    const { store, tenantId, tally } = simulation;
    await store.readTenant(tenantId, (tx) => countEvidence(tx, simulation.vendor.system, tally));
    return result(simulation, seed, problems);
  } catch (error) {
    const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return result(simulation, seed, [told]);
  } finally {
    clearInterval(watch);
    await simulation.close();
  }
}

/** Tells when it has gone in circles for all its steps, or made none for two minutes of the machine's own time; and who waits for what. */
function watchProgress(simulation: Simulation, tell: (error: Error) => void): NodeJS.Timeout {
  let seen = 0;
  let still = 0;
  return setInterval(() => {
    const now = simulation.steps();
    still = now === seen ? still + 1 : 0;
    seen = now;
    const waits = `${simulation.describe()}; last: ${simulation.trace().slice(-LAST_LINES).join(' | ')}`;
    if (now >= MOST_STEPS) tell(new Error(`It goes in circles after ${now} steps; ${waits}.`));
    else if (still >= PATIENCE_LOOKS) tell(new Error(`Nothing happens any more; ${waits}.`));
  }, LOOK_MS);
}

/** The vendor of that name, or one that the seed picks. */
function vendorOf<V extends SimulatedVendor>(
  seeded: Seeded,
  name: string | null,
  vendors: readonly V[],
): V {
  const picked = seeded.pick(vendors);
  if (name === null) return picked;
  const named = vendors.find(({ system }) => system === name);
  if (named !== undefined) return named;
  throw new Error(`There is no vendor "${name}". There are ${vendors.map(({ system }) => system).join(', ')}.`); // prettier-ignore
}

function result(simulation: Simulation, seed: number, problems: readonly string[]): SeedResult {
  const trace = simulation.trace();
  const hash = createHash('sha256').update(trace.join('\n')).digest('hex').slice(0, 16);
  return { seed, problems, hash, counts: simulation.tally, trace };
}

async function live(simulation: Simulation): Promise<readonly string[]> {
  const { seeded, listening } = simulation;
  const hears = listening !== null && seeded.chance(0.7);
  if (hears) listening.start();
  for (let reads = seeded.whole(1, 2); reads > 0; reads -= 1) await roughRead(simulation);
  simulation.calm();
  await simulation.setFaults([]);
  virtualTime.advanceTo(virtualTime.now() + 30_000);
  const problems = [...(await calmReads(simulation))];
  if (problems.length === 0 && seeded.chance(0.5)) {
    problems.push(...(await ambush(simulation)));
    problems.push(...(await calmReads(simulation)));
  }
  // What is lost already would be lost in what follows.
  const unheard = problems.length === 0 ? await hintsAlone(simulation, hears) : [];
  if (hears) await listening.stop();
  return [...problems, ...unheard];
}

async function calmReads(simulation: Simulation): Promise<readonly string[]> {
  for (let reads = 0; reads < CALM_READS; reads += 1) {
    const runId = await simulation.pull(false);
    await simulation.turns.drain(2);
    if (await hasSucceeded(simulation, runId)) return await verifyDecided(simulation);
    await decideAll(simulation);
  }
  const reasons = await openReasons(simulation);
  return [`no read closed in ${CALM_READS} calm ones: ${reasons}`, ...(await verify(simulation))];
}

/** Compares once people have decided about all that waits for their word. */
async function verifyDecided(simulation: Simulation): Promise<readonly string[]> {
  await decideAll(simulation);
  return await verify(simulation);
}

/** What one decision lets through may be the next one's matter. */
async function decideAll({ people, turns }: Simulation): Promise<void> {
  for (let rounds = 0; rounds < CALM_READS && (await people.decide()); rounds += 1)
    await turns.drain(2);
}

/** People go on changing things, and nobody asks for a read: what the vendor tells of its own accord must be enough. */
async function hintsAlone(simulation: Simulation, hears: boolean): Promise<readonly string[]> {
  const { seeded, listening, pushes, turns } = simulation;
  simulation.note('hints alone');
  const spoilt = ['gap', 'overflow', 'duplicate_event'].filter(() => hears && seeded.chance(0.3));
  await simulation.setFaults(spoilt.map((action) => ({ action, rate: 0.5 })));
  for (let changes = seeded.whole(1, 5); changes > 0; changes -= 1) await simulation.change();
  // A deletion in the very second in which a read of NetSuite begins is left to the next read: no hint is that fast.
  virtualTime.advanceTo(virtualTime.now() + seeded.whole(1_000, 5_000));
  // One of the two suffices: pushes are left out where events are heard, now and then.
  if (!hears || seeded.chance(0.5)) await pushes.deliverAll();
  if (hears) await listening?.heard(POLLS);
  await turns.drain(2);
  const problems = await verifyDecided(simulation);
  return problems.map((problem) => `by hints alone: ${problem}`);
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
