import { createSourceClock, type SourceClock } from './source-clock.ts';

const clocks = new Map<string, SourceClock>();

/** What this process learned of the clock of an instance; sessions come and go, the clock stays. */
export function clockOf(origin: string): SourceClock {
  const known = clocks.get(origin) ?? createSourceClock();
  clocks.set(origin, known);
  return known;
}
