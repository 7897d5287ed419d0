import { z } from 'zod';

/** What jest's `--json` report says that we count. Unknown keys are jest's own business. */
export const JestReport = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numRuntimeErrorTestSuites: z.int(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});
export type JestReport = z.infer<typeof JestReport>;

export interface RunSummary {
  readonly lines: readonly string[];
  readonly ok: boolean;
}

export interface RunFacts {
  /** `undefined` when jest left no report, because it never got that far. */
  readonly report: JestReport | undefined;
  readonly jestStatus: number | null;
  readonly gatePassed: boolean;
}

const NOT_RUN: ReadonlySet<string> = new Set(['pending', 'skipped', 'todo', 'disabled']);

/**
 * Turns a run into the lines that close it; the last one is `N passed, N failed`.
 * A test file that does not load counts as one failure, as does a red gate. A case that did not run
 * is named and counted. A run without any passed case is never a success.
 */
export function summarizeRun({ report, jestStatus, gatePassed }: RunFacts): RunSummary {
  const idle = (report?.testResults ?? []).flatMap((file) =>
    file.assertionResults.filter(({ status }) => NOT_RUN.has(status)),
  );
  const passed = report?.numPassedTests ?? 0;
  const broken =
    report === undefined ? 1 : report.numFailedTests + report.numRuntimeErrorTestSuites;
  // jest can fail without a failed case, for example in its global teardown.
  const counted = broken === 0 && jestStatus !== 0 ? 1 : broken;
  const failed = counted + (gatePassed ? 0 : 1);
  return {
    lines: [
      ...idle.map(({ fullName }) => `not run: ${fullName}`),
      ...(idle.length > 0 ? [`${idle.length} not run`] : []),
      ...(gatePassed ? [] : ['the gate (npm run check) is red: see above']),
      `${passed} passed, ${failed} failed`,
    ],
    ok: failed === 0 && passed > 0,
  };
}
