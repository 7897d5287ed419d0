/** The twin's own clock: starts where the world starts, runs on in real time, and can be set or moved on. */
export interface TwinClock {
  now(): Date;
  set(instant: string): void;
  advance(seconds: number): void;
}

export function createTwinClock(startAt: string): TwinClock {
  let base = Date.parse(startAt);
  let origin = Date.now();
  return {
    now: () => new Date(base + (Date.now() - origin)),
    set: (instant) => {
      base = Date.parse(instant);
      origin = Date.now();
    },
    advance: (seconds) => {
      base += seconds * 1000;
    },
  };
}
