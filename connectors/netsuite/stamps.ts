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

/**
 * Where an incremental read starts: one overlap before the last certified stamp, and the repeated hour more on
 * the day when clocks go back. Rows read again are recognised by id and content.
 */
export function windowStart(
  since: Stamp,
  options: { readonly overlapSeconds: number; readonly timeZone: string },
): Stamp {
  const reach = options.overlapSeconds + repeatedSeconds(since, options.timeZone);
  return fromUtc(asUtc(since) - reach * 1000);
}
