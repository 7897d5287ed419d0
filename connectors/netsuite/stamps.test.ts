import { describe, expect, test } from '@jest/globals';
import { minutesAhead, repeatedSeconds, windowStart } from './stamps.ts';

const PACIFIC = { overlapSeconds: 600, timeZone: 'America/Los_Angeles' };
const at = (now: string, ahead: number | null) => ({ now, ahead });

describe('the start of an incremental window', () => {
  test('lies one overlap before the last certified stamp', () => {
    expect(windowStart('2026-03-02 09:00:00', PACIFIC, at('2026-03-02 10:00:00', -480))).toBe(
      '2026-03-02 08:50:00',
    );
    expect(windowStart('2026-01-01 00:05:00', PACIFIC, at('2026-01-01 00:10:00', -480))).toBe(
      '2025-12-31 23:55:00',
    );
  });

  test('reaches back by the repeated hour as well on the day when clocks go back', () => {
    expect(windowStart('2026-11-01 01:30:00', PACIFIC, at('2026-11-01 01:40:00', -480))).toBe(
      '2026-11-01 00:20:00',
    );
  });

  test('a zone that is not configured is allowed for by what was measured', () => {
    const anyZone = { overlapSeconds: 600 };

    expect(windowStart('2026-10-25 02:30:00', anyZone, at('2026-10-25 02:40:00', 60))).toBe(
      '2026-10-25 01:20:00',
    );
    expect(windowStart('2026-07-01 12:00:00', anyZone, at('2026-07-01 12:10:00', 120))).toBe(
      '2026-07-01 11:50:00',
    );
  });

  test('a configured zone that the account does not keep is not believed', () => {
    expect(windowStart('2026-10-25 02:30:00', PACIFIC, at('2026-10-25 02:40:00', 60))).toBe(
      '2026-10-25 01:20:00',
    );
  });

  test('without a measurement and without a zone an hour is always allowed for', () => {
    expect(
      windowStart('2026-07-01 12:00:00', { overlapSeconds: 0 }, at('2026-07-01 12:10:00', null)),
    ).toBe('2026-07-01 11:00:00');
  });

  test.each([
    ['2026-11-01 09:00:00', 'America/Los_Angeles', 3600],
    ['2026-03-08 09:00:00', 'America/Los_Angeles', 0],
    ['2026-10-25 02:30:00', 'Europe/Berlin', 3600],
    ['2026-04-05 02:45:00', 'Australia/Lord_Howe', 1800],
    ['2026-07-01 12:00:00', 'Europe/Berlin', 0],
    ['2026-07-01 12:00:00', 'UTC', 0],
  ])('%s in %s repeats %i seconds', (stamp, zone, seconds) => {
    expect(repeatedSeconds(stamp, zone)).toBe(seconds);
  });
});

describe('the measured distance from UTC', () => {
  test.each([
    ['2026-03-02 09:00:01', '2026-03-02T17:00:00Z', -480],
    ['2026-03-02 22:29:30', '2026-03-02T17:00:00Z', 330],
    ['2026-03-02 17:00:00', '2026-03-02T17:00:00Z', 0],
    ['2026-03-03 07:00:00', '2026-03-02T17:00:00Z', 840],
  ])('a wall clock at %s at %s is %i minutes ahead', (wall, instant, minutes) => {
    expect(minutesAhead(wall, new Date(instant))).toBe(minutes);
  });

  test.each([
    ['2026-03-02 17:08:00', 'between two quarters of an hour'],
    ['2026-03-05 17:00:00', 'days away'],
  ])('%s (%s) tells nothing', (wall) => {
    expect(minutesAhead(wall, new Date('2026-03-02T17:00:00Z'))).toBeNull();
  });
});
