import { expect, test } from '@jest/globals';
import { tellCases } from './tell-cases.ts';
import { INVARIANTS } from './verdicts.ts';

const outcome = (fullName: string, status: string) => ({ fullName, status });
const looked = (name: string) => ({ test: name, checked: [...INVARIANTS], problems: [] });

test('a case that no test proves has failed, one that is skipped was not run, and one red test outweighs green ones', () => {
  const { lines, ok } = tellCases(
    [1, 2, 16, 17],
    [
      outcome('reads F-01: dies', 'passed'),
      outcome('F-16: refuses (not run: no right)', 'pending'),
      outcome('F-17: waits', 'passed'),
      outcome('F-17: waits longer', 'failed'),
    ],
    [looked('reads F-01: dies')],
  );

  expect(ok).toBe(false);
  expect(lines).toEqual([
    'F-1 passed (1 tests); I1–I8 hold',
    'F-2 FAILED (no test of it ran); I1–I8 not looked at',
    'F-16 not run: F-16: refuses (not run: no right)',
    'F-17 FAILED (1 of 2 tests); I1–I8 not looked at',
    '  F-17: waits longer',
    '1 cases passed, 2 failed, 1 not run',
  ]);
});

test('a file that fails where no case sees it is told, and the run has failed', () => {
  const { lines, ok } = tellCases(
    [1],
    [outcome('F-1: dies', 'passed')],
    [looked('F-1: dies')],
    ['test/a.test.ts'],
  );

  expect(ok).toBe(false);
  expect(lines.slice(1)).toEqual([
    'FAILED outside its tests: test/a.test.ts',
    '1 cases passed, 0 failed, 0 not run',
  ]);
});

test('a line says on which queues a case ran, what it could not run on, and what became of the invariants', () => {
  const { lines } = tellCases(
    [58, 59],
    [
      outcome('queue on Redis F-58: race', 'passed'),
      outcome('queue on PostgreSQL F-58: race', 'passed'),
      outcome('queue on PostgreSQL F-59: sleeps', 'passed'),
      outcome('queue on Redis (not run: none here) F-59: sleeps', 'pending'),
    ],
    [
      { test: 'queue on Redis F-58: race', checked: [...INVARIANTS], problems: [] },
      { test: 'queue on PostgreSQL F-59: sleeps', checked: ['I1', 'I2'], problems: ['I2: an order twice'] },
    ],
  ); // prettier-ignore

  expect(lines).toEqual([
    'F-58 passed (2 tests, queue on PostgreSQL and Redis); I1–I8 hold',
    'F-59 passed (1 tests, queue on PostgreSQL); I2 BROKEN; I1 hold; I3 I4 I5 I6 I7 I8 not looked at',
    '  not run: queue on Redis (not run: none here) F-59: sleeps',
    '2 cases passed, 0 failed, 0 not run',
  ]);
});

test('a case has failed if nobody looked at the invariants after it, unless it is known why they say nothing of it', () => {
  const names = ['F-2: reads', 'F-26: refuses', 'F-29: waits'];
  const tests = [...names.map((name) => outcome(name, 'passed')), outcome('F-29: with a right (not run)', 'pending')]; // prettier-ignore

  const { lines, ok } = tellCases([2, 26, 29], tests, []);

  expect(ok).toBe(false);
  expect(lines.slice(0, 3)).toEqual([
    'F-2 FAILED (nobody looked at the invariants after it); I1–I8 not looked at',
    expect.stringMatching(/^F-26 passed \(1 tests\); I1–I8 not concerned: no byte leaves/),
    'F-29 passed (1 tests); I1–I8 not looked at',
  ]);
});
