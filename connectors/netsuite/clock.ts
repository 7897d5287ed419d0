import type { NetSuiteClient } from './client.ts';
import { garbled } from './errors.ts';
import { isStamp, minutesAhead, type Stamp } from './stamps.ts';
import { querySuiteql, quoted, STAMP_FORMAT } from './suiteql.ts';

/** The account's own clock. Cursors use no other. */
export interface SourceClock {
  /** The wall clock of the account's database, as comparable text. */
  readonly now: Stamp;
  /** Minutes by which that wall clock is ahead of UTC, as measured; null where it cannot be told. */
  readonly ahead: number | null;
}

/**
 * Asks the account for its time. The zone in which it shows stamps is measured on the way: its wall clock against the
 * Date header of the same answer. Throws RemoteUnavailable when the answer holds no time.
 */
export async function readClock(client: NetSuiteClient): Promise<SourceClock> {
  const what = 'tell the time';
  const { rows, date } = await querySuiteql(
    client,
    `SELECT TO_CHAR(SYSDATE, ${quoted(STAMP_FORMAT)}) AS now FROM DUAL`,
    what,
    1,
  );
  const now = rows[0] === undefined ? undefined : Object.values(rows[0])[0];
  if (now === undefined || !isStamp(now)) throw garbled(what, 'it holds no time');
  return { now, ahead: date === null ? null : minutesAhead(now, date) };
}
