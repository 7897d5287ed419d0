import { describe, expect, test } from '@jest/globals';
import { type JestReport, summarizeRun } from './summarize-run.ts';

const report = (part: Partial<JestReport> = {}): JestReport => ({
  numPassedTests: 7,
  numFailedTests: 0,
  numRuntimeErrorTestSuites: 0,
  testResults: [],
  ...part,
});

describe('the closing line', () => {
  test('counts what passed and is the last one', () => {
    const summary = summarizeRun({ report: report(), jestStatus: 0, gatePassed: true });

    expect(summary).toEqual({ lines: ['7 passed, 0 failed'], ok: true });
  });

  test('counts a test file that does not load as a failure', () => {
    const facts = { report: report({ numRuntimeErrorTestSuites: 2, numFailedTests: 1 }) };

    const summary = summarizeRun({ ...facts, jestStatus: 1, gatePassed: true });

    expect(summary).toEqual({ lines: ['7 passed, 3 failed'], ok: false });
  });

  test('counts a red gate as a failure though every test passed', () => {
    const summary = summarizeRun({ report: report(), jestStatus: 0, gatePassed: false });

    expect(summary.lines.at(-1)).toBe('7 passed, 1 failed');
    expect(summary.ok).toBe(false);
  });

  test('counts jest itself when it fails without a failed case', () => {
    const summary = summarizeRun({ report: report(), jestStatus: 1, gatePassed: true });

    expect(summary.lines.at(-1)).toBe('7 passed, 1 failed');
    expect(summary.ok).toBe(false);
  });

  test('is a failure when jest left no report, or when no case ran', () => {
    const none = summarizeRun({ report: undefined, jestStatus: null, gatePassed: true });
    const empty = summarizeRun({
      report: report({ numPassedTests: 0 }),
      jestStatus: 0,
      gatePassed: true,
    });

    expect(none).toEqual({ lines: ['0 passed, 1 failed'], ok: false });
    expect(empty.ok).toBe(false);
  });
});

test('a case that did not run is named and counted, and is neither passed nor failed', () => {
  const testResults = [
    {
      name: '/tree/queue.test.ts',
      status: 'passed',
      assertionResults: [
        { fullName: 'redis: no redis-server on this machine', status: 'pending' },
        { fullName: 'postgres: delivers', status: 'passed' },
      ],
    },
  ];

  const { lines, ok } = summarizeRun({
    report: report({ numPassedTests: 1, testResults }),
    jestStatus: 0,
    gatePassed: true,
  });

  expect(lines).toEqual([
    'not run: redis: no redis-server on this machine',
    '1 not run',
    '1 passed, 0 failed',
  ]);
  expect(ok).toBe(true);
});
