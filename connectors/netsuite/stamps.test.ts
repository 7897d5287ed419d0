import { describe, expect, test } from '@jest/globals';
import { repeatedSeconds, windowStart } from './stamps.ts';

const options = { overlapSeconds: 600, timeZone: 'America/Los_Angeles' };

describe('window start', () => {
  test('is one overlap before the last certified stamp', () => {
    expect(windowStart('2026-03-02 09:00:00', options)).toBe('2026-03-02 08:50:00');
  });

  test('reaches back over the repeated hour on the day when clocks go back', () => {
    // 2026-11-01 01:00-02:00 happens twice: a change at the second 01:05 sorts before a read at the first 01:50.
    expect(windowStart('2026-11-01 01:50:00', options)).toBe('2026-11-01 00:40:00');
  });

  test('does not reach further when clocks go forward, nor where they never change', () => {
    expect(repeatedSeconds('2026-03-08 03:30:00', 'America/Los_Angeles')).toBe(0);
    expect(repeatedSeconds('2026-11-01 01:50:00', 'Asia/Tokyo')).toBe(0);
    expect(repeatedSeconds('2026-10-25 02:30:00', 'Europe/Berlin')).toBe(3600);
  });
});
