import { expect, test } from '@jest/globals';
import { tellCases } from './tell-cases.ts';

const outcome = (fullName: string, status: string) => ({ fullName, status });

test('a case that no test proves has failed, one that is skipped was not run, and one red test outweighs green ones', () => {
  const { lines, ok } = tellCases(
    [1, 2, 16, 17],
    [
      outcome('reads F-01: dies', 'passed'),
      outcome('F-16: refuses (not run: no right)', 'pending'),
      outcome('F-17: waits', 'passed'),
      outcome('F-17: waits longer', 'failed'),
    ],
  );

  expect(ok).toBe(false);
  expect(lines).toEqual([
    'F-1 passed (1 tests)',
    'F-2 FAILED (0 of 0 tests)',
    'F-16 not run: F-16: refuses (not run: no right)',
    'F-17 FAILED (1 of 2 tests)',
    '  F-17: waits longer',
    '1 cases passed, 2 failed, 1 not run',
  ]);
});
