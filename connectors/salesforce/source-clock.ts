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

/**
 * Finds the next full second of the source's clock, and waits until it is surely there.
 *
 * Salesforce compares change stamps by the second. A read that ended within the current second would miss
 * rows committed later in it, and a count taken afterwards would not. The source shows whole seconds only;
 * several answers together narrow down where in its second it is, so the wait is half a second on average.
 */
export function createSourceClock(local: LocalTime = localTime): {
  cut(sample: () => Promise<number>): Promise<number>;
} {
  /** The source's time less ours, at least. */
  let offset = -Infinity;
  return {
    cut: async (sample) => {
      const sent = local.monotonic();
      const shown = await sample();
      const received = local.monotonic();
      const wasSetBack = offset + sent >= shown + SECOND;
      offset = wasSetBack ? shown - received : Math.max(offset, shown - received);
      const end = shown + SECOND;
      for (
        let left = end - (local.monotonic() + offset);
        left > 0;
        left = end - (local.monotonic() + offset)
      ) {
        await local.wait(Math.ceil(left));
      }
      return end;
    },
  };
}
