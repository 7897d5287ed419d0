import { namePattern } from './manifest.ts';
import { PROVED_ALONE } from './proved-alone.ts';
import { tellVerdicts, type Verdict } from './verdicts.ts';

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

/**
 * A case has passed when a test of its id did and none failed, and the invariants were looked at after it, or are known not
 * to concern it; where all were skipped it was not run. Its line says on which queues its tests ran, where they name one, and what became of the invariants. `broken` are files that failed
 * outside their tests, in what clears up after them: no line of a case tells of it.
 */
export function tellCases(
  ids: readonly number[],
  tests: readonly TestOutcome[],
  verdicts: readonly Verdict[],
  broken: readonly string[] = [],
): CaseReport {
  const lines: string[] = [];
  const sums = { passed: 0, failed: 0, idle: 0 };
  for (const id of ids) {
    const pattern = new RegExp(namePattern(id));
    const own = tests.filter(({ fullName }) => pattern.test(fullName));
    const told = verdicts.filter(({ test }) => pattern.test(test));
    const passed = own.filter(({ status }) => status === 'passed');
    const failed = own.filter(({ status }) => status === 'failed');
    const idle = own.filter((each) => !passed.includes(each) && !failed.includes(each));
    const hasRun = passed.length + failed.length > 0;
    // A test that could not run here may be the one that looks.
    const isUnseen = told.length === 0 && idle.length === 0 && !PROVED_ALONE.has(id);
    if (failed.length > 0 || own.length === 0 || (hasRun && isUnseen)) {
      sums.failed += 1;
      lines.push(`F-${id} FAILED (${whyFailed(own.length, failed.length)}); ${tellVerdicts(told)}`);
      lines.push(...failed.map(({ fullName }) => `  ${fullName}`));
    } else if (hasRun) {
      sums.passed += 1;
      lines.push(`F-${id} passed (${passed.length} tests${queuesOf(passed)}); ${verdictOf(id, told)}`);
    } else {
      sums.idle += 1;
      lines.push(`F-${id} not run: ${idle[0]?.fullName ?? ''}`);
    }
    if (hasRun) lines.push(...idle.map(({ fullName }) => `  not run: ${fullName}`));
  }
  lines.push(...broken.map((path) => `FAILED outside its tests: ${path}`));
  lines.push(`${sums.passed} cases passed, ${sums.failed} failed, ${sums.idle} not run`);
  return { lines, ok: sums.failed + broken.length === 0 };
} // prettier-ignore

function whyFailed(tests: number, failed: number): string {
  if (tests === 0) return 'no test of it ran';
  return failed > 0 ? `${failed} of ${tests} tests` : 'nobody looked at the invariants after it';
}

function verdictOf(id: number, told: readonly Verdict[]): string {
  const reason = PROVED_ALONE.get(id);
  if (told.length > 0 || reason === undefined) return tellVerdicts(told);
  return `I1–I8 not concerned: ${reason}`;
}

function queuesOf(tests: readonly TestOutcome[]): string {
  const named = tests.flatMap(({ fullName }) => /queue on (PostgreSQL|Redis)/.exec(fullName)?.[1] ?? []); // prettier-ignore
  const queues = [...new Set(named)].toSorted();
  return queues.length === 0 ? '' : `, queue on ${queues.join(' and ')}`;
}
