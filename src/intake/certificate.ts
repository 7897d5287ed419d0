import type { ReadWindow, SourceRecord } from '../sdk/record.ts';

/** The proof of a read (contract §4). `closed` is null when the source cannot count; that is never green. */
export interface Certificate {
  readonly stream: string;
  readonly from: string | null;
  readonly to: string | null;
  /**
   * `keys`: the ids and stamps that the source lists for the window were compared with those that were read; `count`: only
   * their numbers. `bucket-hash`: the source's keys were compared with all that we hold, by sums over hashes (full pass).
   */
  readonly method: 'count' | 'keys' | 'bucket-hash' | 'none';
  readonly sourceCount: number | null;
  readonly distinctIds: number;
  /** Records that left the window while it was read, each proven by reading it again. */
  readonly movedOut: number;
  /** Ids that the source holds in the window and that did not land; at most 100 are named. */
  readonly missingIds: readonly string[];
  readonly missingCount: number;
  /** Ids that we still hold with an older stamp than the source lists; at most 100 are named. */
  readonly staleIds: readonly string[];
  readonly staleCount: number;
  /** Records that came to light although their stamp lies before what was certified earlier; they landed now. */
  readonly caughtLate: number;
  /** Records that we held, that the source does not show any more, and that ended with this read. */
  readonly removed: number;
  /** Such records that are too many to end without a person's word: they wait in the hold named. */
  readonly held: number;
  readonly holdId: string | null;
  /** What a read that closed cannot prove. With one of these it is not plainly green. */
  readonly caveats: readonly string[];
  readonly closed: boolean | null;
}

const NAMED_AT_MOST = 100;

/** What no comparison of keys has found yet. */
const NOTHING_FOUND = {
  missingIds: [],
  missingCount: 0,
  staleIds: [],
  staleCount: 0,
  caughtLate: 0,
};

/** Nothing has ended, and nothing limits the proof; `withEnded` and `withCaveats` tell otherwise. */
const NOTHING_ENDED = { removed: 0, held: 0, holdId: null, caveats: [] };

/** Ids as a certificate names them: sorted, the first 100, and how many there are. */
function named(ids: readonly string[]): readonly string[] {
  return ids.toSorted().slice(0, NAMED_AT_MOST);
}

/**
 * A record has left the window if it was changed at or after the window's end, or is gone.
 * A full window has no end: only a record that is gone has left it.
 */
export function hasMovedOut(record: SourceRecord, window: ReadWindow): boolean {
  if (record.deleted) return true;
  return window.to !== null && record.stamp !== null && record.stamp >= window.to;
}

/**
 * Judges a finished read of `distinctIds` records. `missing` are the ids that the source lists for the window and that
 * were not read, `reread` the ones that were and that it no longer lists, read again by id.
 * `listed`: the source's keys were compared with what was read; `stale` are those of an older stamp than it lists.
 * Closed only if `sourceCount = distinctIds − movedOut`, and no listed id is missing or out of date (contract §4).
 */
export function judge(input: {
  readonly stream: string;
  readonly window: ReadWindow;
  readonly sourceCount: number | null;
  readonly distinctIds: number;
  readonly listed?: boolean;
  readonly missing: readonly string[];
  readonly stale?: readonly string[];
  readonly caughtLate?: number;
  readonly reread: readonly SourceRecord[];
}): Certificate {
  const { stream, window, sourceCount, distinctIds, missing, stale = [] } = input;
  const base = {
    stream,
    from: window.from,
    to: window.to,
    distinctIds,
    ...NOTHING_FOUND,
    ...NOTHING_ENDED,
  };
  if (sourceCount === null) {
    return { ...base, method: 'none', sourceCount, movedOut: 0, closed: null };
  }
  const movedOut = input.reread.filter((record) => hasMovedOut(record, window)).length;
  return {
    ...base,
    method: input.listed === true ? 'keys' : 'count',
    sourceCount,
    movedOut,
    missingIds: named(missing),
    missingCount: missing.length,
    staleIds: named(stale),
    staleCount: stale.length,
    caughtLate: input.caughtLate ?? 0,
    closed: missing.length + stale.length === 0 && sourceCount === distinctIds - movedOut,
  };
}

/** What became of records that we hold and that the source did not show. */
export interface Ended {
  readonly removed: number;
  readonly held: number;
  readonly holdId: string | null;
  /** Records that stay because a person said so. */
  readonly kept: number;
}

/** The certificate with what ended; open while records wait for a person. What a person kept limits the proof. */
export function withEnded(certificate: Certificate, ended: Ended): Certificate {
  const { removed, held, holdId, kept } = ended;
  const caveat = `${kept} ${kept === 1 ? 'record' : 'records'} that the source does not show stay as a person decided.`;
  return {
    ...certificate,
    removed,
    held,
    holdId,
    caveats: kept === 0 ? certificate.caveats : [...certificate.caveats, caveat],
    closed: held > 0 ? false : certificate.closed,
  };
}

/** The certificate with what the source says that its answers cannot prove. */
export function withCaveats(certificate: Certificate, caveats: readonly string[]): Certificate {
  return { ...certificate, caveats: [...certificate.caveats, ...caveats] };
}

/** What became of a comparison of the source's keys with ours, after the records in question were read again. */
export interface Compared {
  /** Distinct ids that the source lists for the window. */
  readonly listed: number;
  /** Listed ids that we do not hold even now, and that do not wait in quarantine either. */
  readonly missing: readonly string[];
  /** Listed ids that we still hold with an older stamp. */
  readonly stale: readonly string[];
  /** Ids that we held as existing and that the source does not list. */
  readonly unlisted: number;
  /** Of those, the ones that reading again showed to be gone or out of the window. */
  readonly movedOut: number;
  readonly caughtLate: number;
}

/**
 * Judges a comparison of keys. `read` is the certificate of the read that went before it, null where only keys were
 * read; it then has to be closed as well. Closed only if the source lists exactly what we hold, as new as it has it.
 */
export function judgeKeys(
  stream: string,
  window: ReadWindow,
  compared: Compared,
  read: Certificate | null,
): Certificate {
  const { listed, missing, stale, unlisted, movedOut, caughtLate } = compared;
  const found = {
    method: 'bucket-hash' as const,
    missingIds: named([...(read?.missingIds ?? []), ...missing]),
    missingCount: (read?.missingCount ?? 0) + missing.length,
    staleIds: named(stale),
    staleCount: stale.length,
    caughtLate: (read?.caughtLate ?? 0) + caughtLate,
  };
  const same = missing.length === 0 && stale.length === 0 && unlisted === movedOut;
  if (read !== null) return { ...read, ...found, closed: read.closed === true && same };
  return {
    stream,
    from: window.from,
    to: window.to,
    sourceCount: listed,
    distinctIds: listed - missing.length + unlisted,
    movedOut,
    ...found,
    ...NOTHING_ENDED,
    closed: same,
  };
}
