import { describe, expect, test } from '@jest/globals';
import { addDays } from '../../kernel/dates.ts';
import { ValidationError } from '../../kernel/errors.ts';
import { dayIn, startOfDay } from './midnight.ts';

/** A day, when it begins, and how many hours it has: from the IANA database as the zones' own governments set it. */
const TABLE = [
  ['UTC', '2026-03-31', '2026-03-31T00:00:00.000Z', 24],
  ['Europe/Berlin', '2026-03-29', '2026-03-28T23:00:00.000Z', 23],
  ['Europe/Berlin', '2026-03-31', '2026-03-30T22:00:00.000Z', 24],
  ['Europe/Berlin', '2026-10-25', '2026-10-24T22:00:00.000Z', 25],
  ['Europe/London', '2026-03-29', '2026-03-29T00:00:00.000Z', 23],
  ['America/New_York', '2026-03-08', '2026-03-08T05:00:00.000Z', 23],
  ['America/New_York', '2026-11-01', '2026-11-01T04:00:00.000Z', 25],
  // Clocks here jump at midnight: the day begins at one o'clock.
  ['America/Santiago', '2026-09-06', '2026-09-06T04:00:00.000Z', 23],
  // Midnight comes twice on the day before; this one begins once.
  ['America/Santiago', '2026-04-05', '2026-04-05T04:00:00.000Z', 24],
  ['America/St_Johns', '2026-03-31', '2026-03-31T02:30:00.000Z', 24],
  ['Asia/Kolkata', '2026-03-31', '2026-03-30T18:30:00.000Z', 24],
  ['Asia/Kathmandu', '2026-03-31', '2026-03-30T18:15:00.000Z', 24],
  ['Asia/Tokyo', '2026-03-31', '2026-03-30T15:00:00.000Z', 24],
  // Half an hour of daylight saving.
  ['Australia/Lord_Howe', '2026-10-04', '2026-10-03T13:30:00.000Z', 23.5],
  ['Pacific/Kiritimati', '2026-03-31', '2026-03-30T10:00:00.000Z', 24],
  // The day before was left out of this country's calendar.
  ['Pacific/Apia', '2011-12-31', '2011-12-30T10:00:00.000Z', 24],
] as const;

describe('where a day begins', () => {
  test.each(TABLE)('%s: %s begins at %s and has %d hours', (zone, day, instant, hours) => {
    const begins = startOfDay(day, zone);
    const ends = startOfDay(addDays(day, 1), zone);

    expect(begins.toISOString()).toBe(instant);
    expect((ends.getTime() - begins.getTime()) / 3_600_000).toBe(hours);
    expect([dayIn(zone, begins.getTime()), dayIn(zone, begins.getTime() - 1) < day]).toEqual([day, true]); // prettier-ignore
  });

  test('there are ten zones in the table at least', () => {
    expect(new Set(TABLE.map(([zone]) => zone)).size).toBeGreaterThanOrEqual(10);
  });

  test('a zone that there is not is refused', () => {
    expect(() => startOfDay('2026-03-31', 'Europe/Atlantis')).toThrow(ValidationError);
  });
});
