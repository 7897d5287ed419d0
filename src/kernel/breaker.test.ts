import { describe, expect, test } from '@jest/globals';
import { breakerAfterFailure, CLOSED_BREAKER, tryBreaker, type Breaker } from './breaker.ts';

const SECOND = 1000;

/** A breaker after so many failures in a row at time 0. */
function failed(times: number): Breaker {
  let breaker = CLOSED_BREAKER;
  for (let time = 0; time < times; time += 1) breaker = breakerAfterFailure(breaker, 0);
  return breaker;
}

describe('F-16: a breaker', () => {
  test('opens at the fifth failure in a row, not before', () => {
    expect(tryBreaker(failed(4), 0).allowed).toBe(true);
    expect(failed(5).state).toBe('open');
    expect(tryBreaker(failed(5), 29 * SECOND).allowed).toBe(false);
  });

  test('lets one probe after its time, and nobody beside it', () => {
    const probe = tryBreaker(failed(5), 30 * SECOND);
    const beside = tryBreaker(probe.breaker, 30 * SECOND);

    expect([probe.allowed, probe.breaker.state, beside.allowed]).toEqual([
      true,
      'half_open',
      false,
    ]);
  });

  test('stays open twice as long after each probe that failed, five minutes at most', () => {
    let breaker = failed(5);
    let now = 0;
    const waits: number[] = [];
    for (let round = 0; round < 6; round += 1) {
      if (breaker.state === 'closed') break;
      waits.push((breaker.until - now) / SECOND);
      now = breaker.until;
      breaker = breakerAfterFailure(tryBreaker(breaker, now).breaker, now);
    }

    expect(waits).toEqual([30, 60, 120, 240, 300, 300]);
  });

  test('lets another one probe when a probe never came back', () => {
    const lost = tryBreaker(failed(5), 30 * SECOND).breaker;

    expect(tryBreaker(lost, 60 * SECOND).allowed).toBe(true);
  });
});
