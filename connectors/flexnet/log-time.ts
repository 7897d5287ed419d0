/** A moment on the licence server's wall clock, as epoch milliseconds of a clock without zone. */
export type WallTime = number;

const FORM = new Map<string, Intl.DateTimeFormat>();

function wallOf(timeZone: string, instant: number): WallTime {
  const format =
    FORM.get(timeZone) ??
    new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
  FORM.set(timeZone, format);
  const part = Object.fromEntries(
    format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/**
 * The instant of a wall time in a zone, not before `notBefore`: in the hour that a zone repeats, the first reading is
 * taken until the log itself has passed it. A wall time that a zone skips is read with the offset before the gap.
 */
export function instantOf(wall: WallTime, timeZone: string, notBefore: number): number {
  const offsets = [-24, 24].map(
    (hours) => wallOf(timeZone, wall + hours * 3_600_000) - (wall + hours * 3_600_000),
  );
  const [before = 0, after = before] = offsets;
  const candidates = [...new Set([wall - before, wall - after])]
    .filter((instant) => wallOf(timeZone, instant) === wall)
    .toSorted((left, right) => left - right);
  return candidates.find((instant) => instant >= notBefore) ?? candidates.at(-1) ?? wall - before;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** Midnight of a date as the log spells it: `3/2/2026` (month first) or `Mar 02 2026`. Null when it is neither. */
export function midnightOf(text: string): WallTime | null {
  const slashed = /(\d{1,2})\/(\d{1,2})\/(\d{4})/.exec(text);
  if (slashed !== null) return dayAt(Number(slashed[3]), Number(slashed[1]), Number(slashed[2]));
  const named = /\b([A-Z][a-z]{2}) +(\d{1,2}),? +(\d{4})/.exec(text);
  if (named === null) return null;
  return dayAt(
    Number(named[3]),
    MONTHS.indexOf((named[1] ?? '').toLowerCase()) + 1,
    Number(named[2]),
  );
}

function dayAt(year: number, month: number, day: number): WallTime | null {
  const wall = Date.UTC(year, month - 1, day);
  const date = new Date(wall);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? wall : null;
}
