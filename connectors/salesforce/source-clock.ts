import { setTimeout as delay } from 'node:timers/promises';

/** Our monotonic clock and a way to wait, in milliseconds. */
export interface LocalTime {
  monotonic(): number;
  wait(ms: number): Promise<void>;
}

export const localTime: LocalTime = {
  monotonic: () => performance.now(),
  wait: async (ms) => {
    await delay(ms);
  },
};

const SECOND = 1000;
/** How far two clocks may drift apart in a millisecond: a clock that is being corrected runs half as wrong at most. */
const DRIFT = 0.001;

/** One answer of the source with a Date header; `sent` and `received` are of our monotonic clock. */
export interface Heard {
  /** The source's time as it showed it: cut to its second, in milliseconds since the epoch. */
  readonly shown: number;
  readonly sent: number;
  readonly received: number;
}

export interface SourceClock {
  /** Learns from an answer, whatever it was about. */
  hear(heard: Heard): void;
  /** The second in which the source is, or an earlier one; null while nothing was heard. Milliseconds since the epoch. */
  second(): number | null;
  /** Waits until the source has surely come to this instant. */
  passed(instant: number): Promise<void>;
}

/**
 * What the source's clock shows, learned from the Date headers of its answers, so that no call is made for it.
 * Headers show whole seconds; several of them narrow down where in its second the source is. What we say is never
 * ahead of the source, unless that clock was set back and has not answered since.
 */
export function createSourceClock(local: LocalTime = localTime): SourceClock {
  /** The source's time less ours, at least, as it was known at `at`. */
  let known: { readonly offset: number; readonly at: number } | null = null;
  const offsetAt = (now: number): number =>
    known === null ? -Infinity : known.offset - (now - known.at) * DRIFT;
  return {
    hear: ({ shown, sent, received }) => {
      const before = offsetAt(received);
      const wasSetBack = before + sent >= shown + SECOND;
      const offset = wasSetBack ? shown - received : Math.max(before, shown - received);
      known = { offset, at: received };
    },
    second: () => {
      if (known === null) return null;
      const now = local.monotonic();
      return Math.floor((now + offsetAt(now)) / SECOND) * SECOND;
    },
    passed: async (instant) => {
      const now = local.monotonic();
      const left = instant - (now + offsetAt(now));
      // A timer may fire a moment early, and meanwhile the bound loses a thousandth.
      if (left > 0) await local.wait(Math.ceil(left * (1 + 2 * DRIFT)) + 1);
    },
  };
}
