import { AsyncLocalStorage } from 'node:async_hooks';
import { virtualTime } from './virtual-time.ts';

/** A worker process of the simulation. A dead one reaches neither the store nor a vendor any more. */
export interface Worker {
  readonly name: string;
  /** Ends with the process. */
  readonly life: AbortController;
  dead: boolean;
  /** By how many milliseconds the wall clock of its machine is wrong. */
  wrongBy: number;
}

/** The simulated `kill -9`. No error of ours: nothing that handles failures may take it for one. */
export class Crash extends Error {}

interface Parked {
  readonly worker: Worker;
  readonly due: number;
  readonly go: () => void;
  readonly die: (crash: Crash) => void;
}

/**
 * Decides who goes on. A worker stops at every call to a vendor and at every wait; only when all of them have stopped
 * and no transaction is open does the schedule let one of them go on, by the seed. So the order of everything that
 * reaches a vendor is the seed's, however the machine's own threads interleave.
 */
export interface Schedule {
  /** Runs a worker to its end or its death. */
  run(worker: Worker, work: () => Promise<unknown>): Promise<void>;
  /** Ends a worker without a word: what it waits for never comes. */
  kill(worker: Worker): void;
  /** Stops the caller until the schedule lets it go on, `ms` from now at the earliest. */
  pause(worker: Worker, ms: number): Promise<void>;
  /** Tells of a transaction from its first statement to its commit. */
  during<T>(transaction: () => Promise<T>): Promise<T>;
  /** Who waits for what: for a simulation that hangs. */
  describe(): string;
}

const current = new AsyncLocalStorage<{ readonly worker: Worker; readonly schedule: Schedule }>();

/** The worker whose code this is; undefined outside of any. */
export function currentWorker(): Worker | undefined {
  return current.getStore()?.worker;
}

/** A wait of the worker whose code this is. Outside of any worker time passes at once. */
export async function pauseWorker(ms: number): Promise<void> {
  const here = current.getStore();
  if (here === undefined) virtualTime.advanceTo(virtualTime.now() + ms);
  else await here.schedule.pause(here.worker, ms);
}

/**
 * Signing and its like are done beside the event loop: whoever waits for that works, and the schedule lets nobody go on
 * meanwhile.
 */
export function installCryptography(): void {
  const { subtle } = globalThis.crypto;
  for (const name of ['sign', 'verify', 'importKey', 'digest'] as const) {
    const real = subtle[name].bind(subtle) as (...given: readonly unknown[]) => Promise<unknown>;
    Object.defineProperty(subtle, name, {
      value: (...given: readonly unknown[]) => {
        const here = current.getStore();
        return here === undefined ? real(...given) : here.schedule.during(() => real(...given));
      },
    });
  }
}

/** Workers share this process, and a connector may let one of them wait for another: then nothing moves for so long. */
const STILL_MS = 100;

function byWorker(left: Parked, right: Parked): number {
  return left.due - right.due || (left.worker.name < right.worker.name ? -1 : 1);
}

export function createSchedule(random: () => number): Schedule {
  const alive = new Set<Worker>();
  const parked: Parked[] = [];
  let transactions = 0;
  let isAsked = false;
  let stillness: NodeJS.Timeout | undefined;

  const isQuiet = (): boolean =>
    transactions === 0 &&
    [...alive].every((worker) => parked.some((each) => each.worker === worker));
  const letOneGo = (): void => {
    clearTimeout(stillness);
    if (transactions > 0 || parked.length === 0) return;
    if (!isQuiet()) stillness = setTimeout(letParkedGo, STILL_MS);
    else letParkedGo();
  };
  const letParkedGo = (): void => {
    if (transactions > 0) return;
    const earliest = Math.min(...parked.map(({ due }) => due));
    if (!Number.isFinite(earliest)) return;
    virtualTime.advanceTo(earliest);
    // Not in the order of their arrival, which is the machine's.
    const ready = parked.filter(({ due }) => due <= virtualTime.now()).toSorted(byWorker);
    const chosen = ready[Math.floor(random() * ready.length)];
    if (chosen === undefined) return;
    parked.splice(parked.indexOf(chosen), 1);
    chosen.go();
    // It may end without another stop, while others of its own calls still wait.
    ask();
  };
  // What just ended may go on by itself within the same turn of the event loop: it is given two.
  const ask = (): void => {
    if (isAsked) return;
    isAsked = true;
    setImmediate(() =>
      setImmediate(() => {
        isAsked = false;
        letOneGo();
      }),
    );
  };

  const schedule: Schedule = {
    run: async (worker, work) => {
      alive.add(worker);
      try {
        await current.run({ worker, schedule }, work);
      } finally {
        alive.delete(worker);
        ask();
      }
    },
    kill: (worker) => {
      worker.dead = true;
      const crash = new Crash(`${worker.name} is dead.`);
      worker.life.abort(crash);
      for (const each of parked.filter((one) => one.worker === worker)) {
        parked.splice(parked.indexOf(each), 1);
        each.die(crash);
      }
      ask();
    },
    pause: (worker, ms) =>
      new Promise<void>((go, die) => {
        if (worker.dead) {
          die(new Crash(`${worker.name} is dead.`));
          return;
        }
        parked.push({ worker, due: virtualTime.now() + ms, go, die });
        ask();
      }),
    during: async (transaction) => {
      transactions += 1;
      try {
        return await transaction();
      } finally {
        transactions -= 1;
        ask();
      }
    },
    describe: () => {
      const names = [...alive].map((worker) => `${worker.name}${worker.dead ? ' (dead)' : ''}`);
      const waits = parked.map(({ worker, due }) => `${worker.name} until ${due}`);
      return `alive: ${names.join(', ')}; parked: ${waits.join(', ')}; transactions: ${transactions}`;
    },
  };
  return schedule;
}
