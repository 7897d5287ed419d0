/** The instant at which every simulated day begins; the twins' clocks start there too. */
export const DAWN = Date.parse('2026-03-02T09:00:00.000Z');

let now = DAWN;

/** The one true time of a simulation. What a process takes for it, its own clock says. */
export const virtualTime = {
  now: (): number => now,
  advanceTo: (instant: number): void => {
    now = Math.max(now, Math.ceil(instant));
  },
  reset: (): void => {
    now = DAWN;
  },
};

/**
 * Replaces the process's clocks by the virtual one: it moves only when the schedule moves it. `wrongBy` says by how many
 * milliseconds the wall clock is wrong for whoever asks; no monotonic clock ever is.
 */
export function installVirtualTime(wrongBy: () => number): void {
  const Real = Date;
  const shown = (): number => now + wrongBy();
  globalThis.Date = new Proxy(Real, {
    construct: (target, given: readonly unknown[]) =>
      given.length === 0 ? new target(shown()) : Reflect.construct(target, given),
    get: (target, name, receiver) => (name === 'now' ? shown : Reflect.get(target, name, receiver)),
  });
  performance.now = () => now - DAWN;
}

/** Replaces Math.random, from which waits take their jitter, by a seeded generator. */
export function installRandom(random: () => number): void {
  Math.random = random;
}
