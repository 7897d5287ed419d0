import { setTimeout as pause } from 'node:timers/promises';

/** One line of `npm run bench`. `ours` and `floor` are rates, where `better` says nothing else. */
export interface BenchRow {
  readonly name: string;
  readonly ours: number;
  readonly floor: number;
  readonly unit: string;
  /** Whether more of `ours` is better, as of a rate, or less, as of memory or calls. More, unless it is said. */
  readonly better?: 'more' | 'less';
  /** The least ratio of ours to floor that we hold ourselves to; the greatest where less is better. */
  readonly goal: number;
  /** A condition beside the ratio; false fails the row. */
  readonly holds?: boolean;
  /** The least of `ours`, where the goal is a rate too. */
  readonly atLeast?: number;
  /** Figures beside the ratio, such as the halves that a row is the worse of. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** One side of a comparison: does the whole work once and resolves to the milliseconds that it took. */
export type Run = () => Promise<number>;

export interface Contest {
  /** How many things one run works on; a rate is this by the time. */
  readonly size: number;
  /** Rounds that count. One more before them warms both sides up and is dropped. */
  readonly rounds: number;
  readonly ours: Run;
  readonly floor: Run;
}

export interface Rates {
  readonly ours: number;
  readonly floor: number;
}

/** Milliseconds that the work takes, from a collected heap, so that nobody pays for another's garbage. */
export async function timed(work: () => Promise<void>): Promise<number> {
  globalThis.gc?.();
  await pause(20);
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/**
 * Runs both sides turn by turn, the first of a round being the second of the next, so that a busy machine
 * slows both alike. Returns the medians of their rates, in things a second.
 */
export async function interleave(contest: Contest): Promise<Rates> {
  const rates = { ours: [] as number[], floor: [] as number[] };
  for (let round = 0; round <= contest.rounds; round += 1) {
    const order = round % 2 === 0 ? (['ours', 'floor'] as const) : (['floor', 'ours'] as const);
    for (const side of order) {
      const rate = (contest.size * 1000) / (await contest[side]());
      if (round > 0) rates[side].push(rate);
    }
  }
  return { ours: median(rates.ours), floor: median(rates.floor) };
}

function median(values: readonly number[]): number {
  return Math.round(values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0);
}
