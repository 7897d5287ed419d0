import { proposeIntents } from '../../src/delivery/intents.ts';
import { deliverWork } from '../../src/app/request.ts';
import { requestWork } from '../../src/queue/outbox.ts';
import { CONNECTOR_CASES } from '../support/connector-cases.ts';
import type { JsonObject } from '../../src/kernel/hash.ts';
import { openDrainWorld, SYSTEMS, type DrainWorld, type System } from './drain-world.ts';
import type { BenchRow } from './measure.ts';

const INTENTS_EACH = 5_000;
const OUTAGE_MS = 600_000;
const ANSWER_MS = 20;
const MOST_MS = 300_000;
const LONGEST_MS = 1_800_000;
/** Records of one call that writes, and of one that reads back. NetSuite has no call for several orders. */
const BATCH = { salesforce: { write: 200, readBack: 200 }, netsuite: { write: 1, readBack: 1 } } as const; // prettier-ignore
const OBJECT = { salesforce: 'Contract', netsuite: 'salesOrder' } as const;
/** As the vendors are away: first they answer with errors, then not at all. */
const REFUSALS: readonly JsonObject[] = [{ action: 'status', status: 503 }, { action: 'refuse' }];

type Calls = Readonly<Record<System, number>>;

/** Orders and contracts of one customer that nothing was sent of yet. */
async function propose(world: DrainWorld, name: string, each: number): Promise<void> {
  await world.inTx(async (tx) => {
    for (const connection of SYSTEMS) {
      const object = OBJECT[connection];
      const fields = CONNECTOR_CASES[connection]?.writes(world.company)[object]?.fields ?? {};
      const text = object === 'Contract' ? 'Description' : 'memo';
      const effects = Array.from({ length: each }, (_, n) => ({
        connection,
        object,
        canonicalId: `${name}:${n}`,
        vendorId: null,
        fields: { ...fields, [text]: `${name} ${n}` },
      }));
      await proposeIntents(tx, effects);
      await requestWork(tx, [deliverWork({ connection, object })]);
    }
  });
}

const statesOf = (world: DrainWorld) =>
  world.inTx((tx) =>
    tx.sql<{ connection: System; state: string; shown: boolean; count: number }>(
      `select i.connection, i.state, i.read_back as shown, count(*)::int as count from intent i where i.canonical_id like 'queued:%' group by 1, 2, 3`,
    ),
  );

/** Every request that came to a twin since its rules were set: the rules match all, so one fires at each. */
async function callsOf({ twins }: DrainWorld): Promise<Calls> {
  const [salesforce = 0, netsuite = 0] = await Promise.all(
    SYSTEMS.map(async (system) => (await twins[system].firings()).reduce((sum, n) => sum + n, 0)),
  );
  return { salesforce, netsuite };
}

const under = ({ twins }: DrainWorld, rule: JsonObject) =>
  Promise.all(SYSTEMS.map((system) => twins[system].faults(rule)));

/** Ten minutes without an answer, by the store's clock and the program's; returns the calls that were made for nothing. */
async function outage(world: DrainWorld): Promise<readonly Calls[]> {
  const begin = world.now();
  await under(world, REFUSALS[0] ?? {});
  await propose(world, 'queued', INTENTS_EACH);
  const calls: Calls[] = [];
  for (const [index, rule] of REFUSALS.entries()) {
    if (index > 0) await under(world, rule);
    await world.live(begin + (OUTAGE_MS * (index + 1)) / REFUSALS.length);
    calls.push(await callsOf(world));
  }
  return calls;
}

const minimum = (system: System): number =>
  Math.ceil(INTENTS_EACH / BATCH[system].write) + Math.ceil(INTENTS_EACH / BATCH[system].readBack);

/**
 * 10,000 intents that gathered while both vendors were away for ten minutes, until each is applied and read back. Ours are
 * the requests from the begin of the outage until then, the floor the fewest that write and read back as many; the row is
 * the worse system's. Waits are skipped and count as time; answers and all work take the time that they take.
 */
export async function bench(): Promise<BenchRow> {
  const world = await openDrainWorld();
  try {
    for (const rule of [{ action: 'delay', delayMs: ANSWER_MS }]) await under(world, rule);
    // Logins, descriptions and references are known, as they are in a program that has been running.
    await propose(world, 'before', 2);
    await world.live(world.now() + LONGEST_MS);
    const vain = await outage(world);
    const opened = world.opened();
    const early = (await statesOf(world)).filter(({ state }) => state === 'APPLIED');
    if (early.length > 0 || opened < 4)
      throw new Error(`The outage let something through or went unnoticed: ${opened} breakers opened, ${JSON.stringify(early)}`);
    const back = world.now();
    await under(world, { action: 'delay', delayMs: ANSWER_MS });
    await world.live(back + LONGEST_MS);
    const took = world.now() - back;
    const states = await statesOf(world);
    if (states.length !== SYSTEMS.length || states.some(({ state, shown, count }) => state !== 'APPLIED' || !shown || count !== INTENTS_EACH))
      throw new Error(`Not everything was delivered: ${JSON.stringify(states)}`);
    return await rowOf(world, { took, opened, calls: [...vain, await callsOf(world)] });
  } finally {
    await world.close();
  }
} // prettier-ignore

async function rowOf(
  { twins }: DrainWorld,
  { took, opened, calls }: { readonly took: number; readonly opened: number; readonly calls: readonly Calls[] },
): Promise<BenchRow> {
  const requests = SYSTEMS.map((system) => {
    const ours = calls.reduce((sum, each) => sum + each[system], 0);
    const floor = minimum(system);
    return { system, ours, floor, duringOutage: ours - (calls.at(-1)?.[system] ?? 0) };
  });
  for (const system of SYSTEMS) {
    const writes = (await twins[system].oracle()).filter(({ object }) => object === OBJECT[system]);
    const made = new Set(writes.map(({ externalId }) => externalId)).size;
    if (made < INTENTS_EACH || writes.length !== made) throw new Error(`${system} holds ${made} records by ${writes.length} writes.`);
  }
  const [worse = requests[0]] = requests.toSorted((a, b) => b.ours / b.floor - a.ours / a.floor);
  const seconds = Math.round(took / 1000);
  return {
    name: 'drain',
    ours: worse?.ours ?? 0,
    floor: worse?.floor ?? 1,
    unit: `requests to ${worse?.system ?? ''}`,
    better: 'less',
    goal: 1.5,
    holds: took <= MOST_MS,
    details: { seconds, atMostSeconds: MOST_MS / 1000, intents: INTENTS_EACH * SYSTEMS.length, breakerOpened: opened, requests },
  };
} // prettier-ignore
