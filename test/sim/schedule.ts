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
  /** Null: the simulation itself. */
  readonly worker: Worker | null;
  readonly due: number;
  readonly go: () => void;
  readonly die: (crash: Crash) => void;
}

/**
 * Decides who goes on. Everything stops at every call to a vendor, at every wait, and before all that is done beside the
 * event loop (a transaction, a signature). Only one of those is under way at a time, and only once it is over and nobody
 * has anything left to do does the schedule let the next one go on, by the seed. So nothing ever depends on how long
 * the machine takes.
 */
export interface Schedule {
  /** Runs a worker until its work has ended, or it is dead, and no call that it began is on its way any more. */
  run(worker: Worker, work: () => Promise<unknown>): Promise<void>;
  /** Ends a worker without a word: what it waits for never comes. */
  kill(worker: Worker): void;
  /** Stops the caller until the schedule lets it go on, `ms` from now at the earliest. */
  pause(worker: Worker, ms: number): Promise<void>;
  /** Does something beside the event loop when its turn comes: a transaction from its first statement to its commit. */
  during<T>(work: () => Promise<T>): Promise<T>;
  /** How often somebody went on: a simulation that hangs makes no steps. */
  steps(): number;
  /** Who waits for what: for a simulation that hangs. */
  describe(): string;
}

const current = new AsyncLocalStorage<{ readonly worker: Worker; readonly schedule: Schedule }>();
/** Set for the code of what is done beside the event loop. What such code only begins outlives it. */
const within = new AsyncLocalStorage<{ isOver: boolean }>();

/** The worker whose code this is; undefined outside of any. */
export function currentWorker(): Worker | undefined {
  return current.getStore()?.worker;
}

/** Whether this is the code of a worker, and none of what is done beside the event loop for it. */
export function isOnItsOwn(): boolean {
  return current.getStore() !== undefined && within.getStore()?.isOver !== false;
}

/** A wait of the worker whose code this is. Outside of any worker time passes at once. */
export async function pauseWorker(ms: number): Promise<void> {
  const here = current.getStore();
  if (here === undefined) virtualTime.advanceTo(virtualTime.now() + ms);
  else await here.schedule.pause(here.worker, ms);
}

/** Does something beside the event loop in the turn of the worker whose code this is. Outside of any it is done at once. */
export async function besideWorker<T>(work: () => Promise<T>): Promise<T> {
  const here = current.getStore();
  return here === undefined ? await work() : await here.schedule.during(work);
}

/** Ten times what any of many seeds took: one that goes on further goes in circles, and no clock would ever end it. */
export const MOST_STEPS = 200_000;

/** After `most` steps nobody goes on any more. */
export function createSchedule(random: () => number, most = MOST_STEPS): Schedule {
  const alive = new Set<Worker>();
  /** Work that has ended, while calls of its worker may still be on their way. One process does several things at a time. */
  const ending = new Set<{ readonly worker: Worker; readonly tell: () => void }>();
  const parked: Parked[] = [];
  let isBusy = false;
  let isAsked = false;
  let steps = 0;

  /** The one whose work has ended and of whom nothing is on its way any more. */
  const takeEnded = (): (() => void) | undefined => {
    for (const each of ending)
      if (!parked.some(({ worker }) => worker === each.worker)) {
        ending.delete(each);
        return each.tell;
      }
    return undefined;
  };
  const letOneGo = (): void => {
    if (isBusy) return;
    const ended = takeEnded();
    if (ended === undefined) letParkedGo();
    else {
      ended();
      ask();
    }
  };
  const letParkedGo = (): void => {
    if (steps >= most) return;
    const earliest = Math.min(...parked.map(({ due }) => due));
    if (!Number.isFinite(earliest)) return;
    virtualTime.advanceTo(earliest);
    const ready = parked.filter(({ due }) => due <= virtualTime.now());
    const chosen = ready[Math.floor(random() * ready.length)];
    if (chosen === undefined) return;
    parked.splice(parked.indexOf(chosen), 1);
    steps += 1;
    chosen.go();
    // It may end without another stop, while others still wait.
    ask();
  };
  // By then whatever could go on by itself has come to its next stop: nothing of a worker waits for the machine.
  const ask = (): void => {
    if (isAsked || isBusy) return;
    isAsked = true;
    setImmediate(() => {
      isAsked = false;
      letOneGo();
    });
  };
  const park = (worker: Worker | null, ms: number): Promise<void> =>
    new Promise<void>((go, die) => {
      if (worker?.dead === true) {
        die(new Crash(`${worker.name} is dead.`));
        return;
      }
      parked.push({ worker, due: virtualTime.now() + ms, go, die });
      ask();
    });
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    await park(currentWorker() ?? null, 0);
    const turn = { isOver: false };
    isBusy = true;
    try {
      return await within.run(turn, work);
    } finally {
      turn.isOver = true;
      isBusy = false;
      ask();
    }
  };

  const schedule: Schedule = {
    run: async (worker, work) => {
      alive.add(worker);
      try {
        await current.run({ worker, schedule }, work);
      } finally {
        await new Promise<void>((tell) => {
          ending.add({ worker, tell });
          ask();
        });
        alive.delete(worker);
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
    pause: park,
    during: inTurn,
    steps: () => steps,
    describe: () => {
      const names = [...alive].map((worker) => `${worker.name}${worker.dead ? ' (dead)' : ''}`);
      const waits = parked.map(({ worker, due }) => `${worker?.name ?? '-'} until ${due}`);
      return `alive: ${names.join(', ')}; parked: ${waits.join(', ')}; busy: ${isBusy}`;
    },
  };
  return schedule;
}
