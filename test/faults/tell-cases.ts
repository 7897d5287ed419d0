import { namePattern } from './manifest.ts';

/** One test of a run, as jest reports it. */
export interface TestOutcome {
  readonly fullName: string;
  readonly status: string;
}

/** The lines that close a run of cases, one for each id and the sum; and whether none failed. */
export interface CaseReport {
  readonly lines: readonly string[];
  readonly ok: boolean;
}

/** A case has passed when a test of its id did and none failed; where all were skipped it was not run. */
export function tellCases(ids: readonly number[], tests: readonly TestOutcome[]): CaseReport {
  const lines: string[] = [];
  const sums = { passed: 0, failed: 0, idle: 0 };
  for (const id of ids) {
    const pattern = new RegExp(namePattern(id));
    const own = tests.filter(({ fullName }) => pattern.test(fullName));
    const passed = own.filter(({ status }) => status === 'passed');
    const failed = own.filter(({ status }) => status === 'failed');
    const reason = passed.length + failed.length === 0 ? own[0]?.fullName : undefined;
    if (failed.length > 0 || (passed.length === 0 && reason === undefined)) {
      sums.failed += 1;
      lines.push(`F-${id} FAILED (${failed.length} of ${own.length} tests)`);
      lines.push(...failed.map(({ fullName }) => `  ${fullName}`));
    } else if (reason === undefined) {
      sums.passed += 1;
      lines.push(`F-${id} passed (${passed.length} tests)`);
    } else {
      sums.idle += 1;
      lines.push(`F-${id} not run: ${reason}`);
    }
  }
  lines.push(`${sums.passed} cases passed, ${sums.failed} failed, ${sums.idle} not run`);
  return { lines, ok: sums.failed === 0 };
}
