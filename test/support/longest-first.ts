import { statSync } from 'node:fs';
import { resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

/**
 * Seconds of the suites that take longest, on two cores. Jest knows what a suite took only where it ran before; on a new
 * machine it begins with the largest files, and those that start processes and wait for them are small: they came last, and
 * one core waited for the other. A number that is out of date costs time, and nothing else.
 */
const SECONDS: Readonly<Record<string, number>> = {
  'test/mutants/mutants.test.ts': 191,
  'test/e2e/kill-worker.test.ts': 122,
  'test/e2e/console.test.ts': 105,
  'test/faults/reading.test.ts': 83,
  'test/e2e/cli-admin.test.ts': 80,
  'test/sim/sim.test.ts': 79,
  'test/e2e/cli-bad-input.test.ts': 74,
  'test/kills/kills.test.ts': 60,
  'test/e2e/demo.test.ts': 43,
  'src/db/backup/backup.test.ts': 34,
  'test/e2e/scim-independent.test.ts': 31,
  'src/app/flows/derive-usage.test.ts': 31,
  'test/e2e/cli-mappings.test.ts': 28,
  'src/app/flows/restore-records.test.ts': 28,
  'test/e2e/mappings-cli.test.ts': 27,
  'test/contract/connectors.test.ts': 22,
  'src/app/listeners/change-events.test.ts': 22,
  'test/e2e/lookups.test.ts': 22,
  'src/http/scim/limits.test.ts': 20,
  'src/app/flows/undo-publication.test.ts': 19,
  'src/app/flows/reopened-deal.test.ts': 18,
  'src/app/flows/closed-won.test.ts': 18,
  'test/e2e/schema-drift.test.ts': 17,
  'test/e2e/conflicts.test.ts': 16,
  'test/e2e/api-answers.test.ts': 16,
  'connectors/salesforce/bulk-query.test.ts': 16,
};

interface Suite {
  readonly path: string;
}

/** Those whose time is known, longest first; then the others, largest file first. */
export function longestFirst<T extends Suite>(suites: readonly T[]): readonly T[] {
  const known = new Map(Object.entries(SECONDS).map(([path, each]) => [resolve(ROOT, path), each]));
  return suites
    .map((suite) => ({ suite, seconds: known.get(suite.path) ?? 0, bytes: bytesOf(suite.path) }))
    .toSorted((a, b) => b.seconds - a.seconds || b.bytes - a.bytes)
    .map(({ suite }) => suite);
}

/** The paths of the table, so that a test can see that each is still there. */
export const KNOWN_SUITES = Object.keys(SECONDS);

const bytesOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/** What jest asks in which order to run. */
export default class LongestFirst {
  sort(suites: readonly Suite[]): readonly Suite[] {
    return longestFirst(suites);
  }

  allFailedTests(): never {
    throw new Error('Which suites failed last time is not kept: name them.');
  }

  cacheResults(): void {
    // What a suite took is written down above, not kept from run to run.
  }
}
