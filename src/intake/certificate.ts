import type { ReadWindow, SourceRecord } from '../sdk/record.ts';

/** The proof of a read (contract §4). `closed` is null when the source cannot count; that is never green. */
export interface Certificate {
  readonly stream: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly method: 'count' | 'none';
  readonly sourceCount: number | null;
  readonly distinctIds: number;
  /** Records that left the window while it was read, each proven by reading it again. */
  readonly movedOut: number;
  /** Ids that the source holds in the window and that did not land; at most 100 are named. */
  readonly missingIds: readonly string[];
  readonly closed: boolean | null;
}

const NAMED_AT_MOST = 100;

/**
 * A record has left the window if it was changed at or after the window's end, or is gone.
 * A full window has no end: only a record that is gone has left it.
 */
export function hasMovedOut(record: SourceRecord, window: ReadWindow): boolean {
  if (record.deleted) return true;
  return window.to !== null && record.stamp !== null && record.stamp >= window.to;
}

/**
 * Judges a finished read. `sourceIds` are the ids that the source lists for the window (null when it cannot),
 * `reread` the landed records that it no longer lists, read again by id.
 * Closed only if `sourceCount = distinctIds − movedOut` and no listed id is missing (contract §4).
 */
export function judge(input: {
  readonly stream: string;
  readonly window: ReadWindow;
  readonly sourceCount: number | null;
  readonly landedIds: ReadonlySet<string>;
  readonly sourceIds: readonly string[] | null;
  readonly reread: readonly SourceRecord[];
}): Certificate {
  const { stream, window, sourceCount, landedIds } = input;
  const base = { stream, from: window.from, to: window.to, distinctIds: landedIds.size };
  if (sourceCount === null) {
    return { ...base, method: 'none', sourceCount, movedOut: 0, missingIds: [], closed: null };
  }
  const missing = (input.sourceIds ?? []).filter((id) => !landedIds.has(id)).toSorted();
  const movedOut = input.reread.filter((record) => hasMovedOut(record, window)).length;
  return {
    ...base,
    method: 'count',
    sourceCount,
    movedOut,
    missingIds: missing.slice(0, NAMED_AT_MOST),
    closed: missing.length === 0 && sourceCount === landedIds.size - movedOut,
  };
}
