/** The instant at which every simulated day begins; the twins' clocks start there too. */
export const DAWN = Date.parse('2026-03-02T09:00:00.000Z');

let now = DAWN;

export const virtualTime = {
  now: (): number => now,
  advanceTo: (instant: number): void => {
    now = Math.max(now, Math.ceil(instant));
  },
  reset: (): void => {
    now = DAWN;
  },
};

/** Replaces the process's clocks by the virtual one: it moves only when the schedule moves it. */
export function installVirtualTime(): void {
  const Real = Date;
  globalThis.Date = new Proxy(Real, {
    construct: (target, given: readonly unknown[]) =>
      given.length === 0 ? new target(now) : Reflect.construct(target, given),
    get: (target, name, receiver) => (name === 'now' ? () => now : Reflect.get(target, name, receiver)),
  }); // prettier-ignore
  performance.now = () => now - DAWN;
}

/** Replaces Math.random, from which waits take their jitter, by a seeded generator. */
export function installRandom(random: () => number): void {
  Math.random = random;
}
