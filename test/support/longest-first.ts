import { statSync } from 'node:fs';
import { resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

/**
 * Seconds of the suites that take longest, on two cores. Jest knows what a suite took only where it ran before; on a new
 * machine it begins with the largest files, and those that start processes and wait for them are small: they came last, and
 * one core waited for the other. A number that is out of date costs time, and nothing else.
 */
const SECONDS: Readonly<Record<string, number>> = {
  'test/faults/whole/killed-workers.test.ts': 400,
  'test/faults/whole/writing-processes.test.ts': 330,
  'test/mutants/mutants.test.ts': 191,
  'test/faults/whole/vendor-answers.test.ts': 190,
  'test/faults/whole/outages.test.ts': 163,
  'test/faults/whole/store-outages.test.ts': 140,
  'test/faults/whole/pushes.test.ts': 130,
  'test/e2e/kill-worker.test.ts': 122,
  'test/faults/whole/demo-on-both-queues.test.ts': 112,
  'test/e2e/console.test.ts': 105,
  'test/faults/reading.test.ts': 83,
  'test/e2e/cli-admin.test.ts': 80,
  'test/sim/sim.test.ts': 79,
  'test/e2e/cli-bad-input.test.ts': 74,
  'test/kills/kills.test.ts': 60,
  'test/faults/whole/late-deals.test.ts': 53,
  'test/faults/whole/erp.test.ts': 46,
  'test/faults/whole/restored-store.test.ts': 44,
  'test/e2e/demo.test.ts': 43,
  'test/faults/whole/changes-of-state.test.ts': 38,
  'src/db/backup/backup.test.ts': 34,
  'test/faults/whole/people.test.ts': 34,
  'test/e2e/scim-independent.test.ts': 31,
  'src/app/flows/derive-usage.test.ts': 31,
  'test/faults/whole/limits-and-logins.test.ts': 29,
  'test/faults/whole/full-disk.test.ts': 28,
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
