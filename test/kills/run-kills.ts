import { setTimeout as delay } from 'node:timers/promises';
import { KillPoint } from '../../src/kernel/kill-point.ts';
import { createSeeded, type Seeded } from '../sim/seeded.ts';
import { effectStream, KINDS, type EffectStream, type Kind } from './effects.ts';
import type { Rig } from './rig.ts';
import type { WorkerProcess } from './worker-process.ts';

/** The named moments of a delivery, each to be met with every kind of write. */
export const POINTS = KillPoint.options.filter((name) => name.startsWith('push.'));
const MOMENTS: readonly (readonly [KillPoint, Kind])[] = POINTS.flatMap((point) =>
  KINDS.map((kind) => [point, kind] as const),
);
/** A worker that does not come by its point in this time is killed where it is. Longer than the lease of a dead one's work. */
const PATIENCE_MS = 60_000;
/** Of a worker with nothing left to do: it does not come by its point any more. */
const IDLE_PATIENCE_MS = 3_000;
/** At random: from the start of the work to when most of it is done. */
const LONGEST_LIFE_MS = 2_500;
/** On a machine that has other things to do. Nobody waits longer than the work takes. */
const DRAIN_MS = 900_000;
const LOOK_MS = 500;
/** Of the kills after all moments were met once: at a named moment again, instead of anywhere. */
const NAMED_AGAIN = 0.5;

export interface KillsResult {
  readonly kills: number;
  readonly effects: number;
  /** Intents that did not end as shown or superseded. */
  readonly lost: readonly string[];
  /** Intents that took effect more than once, as the vendors witnessed it. */
  readonly doubled: readonly string[];
  /** Moments of a delivery in which a process died: `POINT kind`. */
  readonly covered: readonly string[];
  readonly moments: number;
  /** How long the work of a dead process stood still, in seconds, sorted. */
  readonly recoveries: readonly number[];
}

/**
 * Kills a worker process so many times while it writes a seeded stream of effects: first at every named moment with every
 * kind of write, then at random. After that one works off what is left, and the vendors' own logs are asked.
 */
export async function runKills(
  rig: Rig,
  options: {
    readonly kills: number;
    readonly seed: number;
    /** No kill begins after this, by `performance.now()`. */
    readonly until?: number;
    /** How long the last worker may take. */
    readonly drainMs?: number;
    readonly tell?: (line: string) => void;
  },
): Promise<KillsResult> {
  const seeded = createSeeded(options.seed);
  const stream = effectStream(rig, seeded.fork());
  await begin(rig, stream);
  const recoveries = watchRecoveries(rig);
  const covered = new Set<string>();
  const order = seeded.shuffled(MOMENTS);
  let n = 0;
  for (; n < options.kills && performance.now() < (options.until ?? Infinity); n += 1) {
    const missing = n < order.length ? order[n] : order.find(([point, kind]) => !covered.has(`${point} ${kind}`)); // prettier-ignore
    const wanted = missing ?? (seeded.chance(NAMED_AGAIN) ? seeded.pick(MOMENTS) : undefined);
    const tenantId = rig.tenants[n % rig.tenants.length] ?? '';
    const met = await killOnce(rig, { stream, seeded, tenantId, wanted });
    if (met !== null) covered.add(met);
    options.tell?.(`kill ${n + 1}: ${met ?? 'at random'}`);
    await recoveries.note();
  }
  await drain(rig, options.drainMs);
  const { lost, effects } = await unsettled(rig);
  const all = MOMENTS.map(([point, kind]) => `${point} ${kind}`);
  return { kills: n, effects, lost, doubled: await doubled(rig), covered: all.filter((each) => covered.has(each)), moments: MOMENTS.length, recoveries: await recoveries.end() }; // prettier-ignore
}

interface Kill {
  readonly stream: EffectStream;
  readonly seeded: Seeded;
  readonly tenantId: string;
  readonly wanted: readonly [KillPoint, Kind] | undefined;
}

/** Gives the moment at which the process died, by its own last word; null where none was named. */
async function killOnce(
  rig: Rig,
  { stream, seeded, tenantId, wanted }: Kill,
): Promise<string | null> {
  if (wanted === undefined) {
    for (const id of seeded.shuffled(rig.tenants).slice(0, 3)) await rig.propose(id, stream.next(id, seeded.pick(KINDS))); // prettier-ignore
    const worker = await rig.startWorker();
    await delay(seeded.whole(0, LONGEST_LIFE_MS));
    await worker.kill();
    return null;
  }
  const [point, kind] = wanted;
  await rig.propose(tenantId, stream.next(tenantId, kind));
  const worker = await rig.startWorker({ killPoint: `${point}:1` });
  await metOrIdle(rig, worker);
  await worker.kill();
  return momentOf(worker);
}

/** Waits until the worker came by its point, or does not any more. */
async function metOrIdle(rig: Rig, worker: WorkerProcess): Promise<void> {
  const ends = performance.now() + PATIENCE_MS;
  let idleSince: number | undefined;
  while (!(await worker.ended(LOOK_MS))) {
    const now = performance.now();
    idleSince = (await isIdle(rig)) ? (idleSince ?? now) : undefined;
    if (now > ends || now - (idleSince ?? now) > IDLE_PATIENCE_MS) return;
  }
}

/** An upsert is of a record that is there: each company gets some, written by a worker that nobody kills. */
async function begin(rig: Rig, stream: EffectStream): Promise<void> {
  for (const tenantId of rig.tenants) await rig.propose(tenantId, stream.next(tenantId, 'create'));
  const worker = await rig.startWorker();
  await settled(rig);
  await worker.stop();
}

function momentOf(worker: WorkerProcess): string | null {
  const [point, , kind] = worker.met()?.split(' ') ?? [];
  return point === undefined || kind === undefined ? null : `${point} ${kind}`;
}

interface Watch {
  /** A process has just died: what it held stands still from now on. */
  note(): Promise<void>;
  end(): Promise<readonly number[]>;
}

/** Watches when somebody takes up what a dead process held. */
function watchRecoveries(rig: Rig): Watch {
  const open = new Map<string, number>();
  const seconds: number[] = [];
  const held = async (): Promise<readonly string[]> =>
    (await rig.rows<{ name: string }>(`select tenant_id || ' ' || key || ' ' || fence as name from outbox where job = 'deliver' and lease_until is not null`)).map(({ name }) => name); // prettier-ignore
  const look = async (): Promise<void> => {
    const now = new Set(await held());
    for (const [name, since] of open) {
      if (now.has(name)) continue;
      open.delete(name);
      seconds.push((performance.now() - since) / 1000);
    }
  };
  const timer = setInterval(() => void look().catch(() => undefined), LOOK_MS);
  return {
    note: async () => {
      await look();
      for (const name of await held()) if (!open.has(name)) open.set(name, performance.now());
    },
    end: async () => {
      clearInterval(timer);
      await look();
      return seconds.toSorted((a, b) => a - b);
    },
  };
}

const OPEN = `(state in ('PLANNED', 'LEASED', 'SENT', 'UNKNOWN') or (state = 'APPLIED' and not read_back))`;

async function drain(rig: Rig, drainMs?: number): Promise<void> {
  const died = await rig.now();
  const worker = await rig.startWorker();
  await settled(rig, died, drainMs);
  await worker.kill();
}

const isSettled = async (rig: Rig): Promise<boolean> =>
  (await rig.rows(`select from intent where ${OPEN} limit 1`)).length === 0;

/** Nobody delivers, and nobody has to: what is open waits for the end of a dead one's calls. */
const isIdle = async (rig: Rig): Promise<boolean> =>
  (await rig.rows(`select from outbox where job = 'deliver' and (lease_until is not null or not_before <= app.clock()) limit 1`)).length === 0; // prettier-ignore

/** Waits until nothing is open; what only waits for the calls of processes that had died by then comes at once. */
async function settled(rig: Rig, died?: Date, milliseconds = DRAIN_MS): Promise<void> {
  const ends = performance.now() + milliseconds;
  while (!(await isSettled(rig)) && performance.now() < ends) {
    if (died !== undefined) await rig.endLeases(died);
    await delay(LOOK_MS);
  }
}

async function unsettled(
  rig: Rig,
): Promise<{ readonly lost: readonly string[]; readonly effects: number }> {
  const rows = await rig.rows<{ name: string; settled: boolean }>(
    `select tenant_id || ' ' || object || ' ' || id || ' is ' || state || ' ' || coalesce(error::text, '') as name,
       (state = 'APPLIED' and read_back) or state = 'SUPERSEDED' as settled from intent`,
  );
  return { effects: rows.length, lost: rows.filter(({ settled }) => !settled).map(({ name }) => name) }; // prettier-ignore
}

/** What the vendors witnessed of one intent more than once. */
async function doubled(rig: Rig): Promise<readonly string[]> {
  const entries = [...(await rig.crm.oracle()), ...(await rig.erp.oracle())];
  const ours = entries.filter(({ intentId }) => intentId !== null);
  return [...Map.groupBy(ours, ({ object, intentId }) => `${object} ${intentId ?? ''}`)]
    .filter(([, each]) => each.length > 1)
    .map(([name, each]) => `${name}: ${each.map(({ operation }) => operation).join(', ')}`);
}
