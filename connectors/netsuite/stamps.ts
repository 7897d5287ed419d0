/** A change stamp: the account's wall clock, `YYYY-MM-DD HH:MM:SS`. Sorts in time order but for one hour a year. */
export type Stamp = string;

const STAMP = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/;

/** True for text in the form of a stamp. */
export function isStamp(text: string | undefined): boolean {
  return text !== undefined && STAMP.test(text);
}

const asUtc = (stamp: Stamp): number => Date.parse(`${stamp.replace(' ', 'T')}Z`);
const fromUtc = (ms: number): Stamp => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');

/** Minutes that the zone's wall clock is ahead of UTC at an instant. */
function offsetMinutes(timeZone: string, instant: number): number {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit',
  }).formatToParts(new Date(instant)); // prettier-ignore
  const at = (type: string): string => parts.find((part) => part.type === type)?.value ?? '';
  const wall = asUtc(
    `${at('year')}-${at('month')}-${at('day')} ${at('hour')}:${at('minute')}:${at('second')}`,
  );
  return Math.round((wall - instant) / 60_000);
}

/**
 * How many seconds the wall clock repeats around the stamp's day: 3600 on the day on which daylight saving ends.
 * On that day a later change can carry a smaller stamp, so a read must reach back by as much.
 */
export function repeatedSeconds(stamp: Stamp, timeZone: string): number {
  const noon = asUtc(`${stamp.slice(0, 10)} 12:00:00`);
  const offsets = [-1, 0, 1].map((days) => offsetMinutes(timeZone, noon + days * 86_400_000));
  const [before = 0, on = 0, after = 0] = offsets;
  return Math.max(0, before - on, on - after) * 60;
}

/** The largest error that a measured offset may have before it says nothing: zones lie on quarters of an hour. */
const QUARTER = 15;
const TOLERANCE_MIN = 5;

/** Minutes by which a wall clock is ahead of UTC at an instant; null where the two do not fit any time zone. */
export function minutesAhead(wall: Stamp, instant: Date): number | null {
  const minutes = (asUtc(wall) - instant.getTime()) / 60_000;
  const rounded = Math.round(minutes / QUARTER) * QUARTER;
  const isZone = Math.abs(minutes - rounded) <= TOLERANCE_MIN && rounded >= -720 && rounded <= 840;
  return isZone ? rounded + 0 : null;
}

/** True if the zone's wall clock is that far ahead of UTC while it shows this stamp. */
export function fitsZone(now: Stamp, ahead: number, timeZone: string): boolean {
  return offsetMinutes(timeZone, asUtc(now) - ahead * 60_000) === ahead;
}

const WHOLE_HOUR = 3600;
/** What was found for a day and an offset: looking at every zone takes a tenth of a second. */
const found = new Map<string, number>();

/** The longest hour that any zone repeats around the stamp, among those that are `ahead` of UTC now. */
function repeatedAnywhere(since: Stamp, now: Stamp, ahead: number): number {
  const key = `${since.slice(0, 10)} ${now.slice(0, 13)} ${ahead}`;
  const known = found.get(key);
  if (known !== undefined) return known;
  const zones = Intl.supportedValuesOf('timeZone').filter((zone) => fitsZone(now, ahead, zone));
  const longest = Math.max(0, ...zones.map((zone) => repeatedSeconds(since, zone)));
  if (found.size > 1000) found.clear();
  found.set(key, longest);
  return longest;
}

/**
 * How far back a read must reach for an hour that the account's wall clock may have repeated. The configured zone is
 * believed where it fits what was measured; else every zone that fits is allowed for, and without a measurement a whole
 * hour always.
 */
function repeatedReach(
  since: Stamp,
  clock: { readonly now: Stamp; readonly ahead: number | null },
  timeZone: string | undefined,
): number {
  const { now, ahead } = clock;
  if (ahead === null) return timeZone === undefined ? WHOLE_HOUR : repeatedSeconds(since, timeZone);
  if (timeZone !== undefined && fitsZone(now, ahead, timeZone))
    return repeatedSeconds(since, timeZone);
  return repeatedAnywhere(since, now, ahead);
}

/**
 * Where an incremental read starts: one overlap before the last certified stamp, and the repeated hour more on
 * the day when clocks go back. Rows read again are recognised by id and content.
 */
export function windowStart(
  since: Stamp,
  options: { readonly overlapSeconds: number; readonly timeZone?: string | undefined },
  clock: { readonly now: Stamp; readonly ahead: number | null },
): Stamp {
  const reach = options.overlapSeconds + repeatedReach(since, clock, options.timeZone);
  return fromUtc(asUtc(since) - reach * 1000);
}

/** A stamp so many days earlier. */
export function daysBefore(stamp: Stamp, days: number): Stamp {
  return fromUtc(asUtc(stamp) - days * 86_400_000);
}
