import type { JsonObject } from '../kernel/hash.ts';

/** One record as the vendor gave it, with its own id and its own change stamp. */
export interface SourceRecord {
  /** The vendor's id in its one canonical spelling (Salesforce: 18 characters). */
  readonly id: string;
  /** The source clock's change stamp as sortable UTC text, or null where the source has none. */
  readonly stamp: string | null;
  /** True for a tombstone: the record is gone at the source and `data` holds what is still known. */
  readonly deleted: boolean;
  readonly data: JsonObject;
}

/** A record that could not even be landed: no id, not an object, a figure that lost digits on the way. */
export interface UnreadableRecord {
  readonly id: string | null;
  readonly code: string;
  /** What is wrong and what to do. Never holds the record's values. */
  readonly reason: string;
  /** `rejected`: it has no identity, so it cannot be kept. `quarantined`: it waits for a person. */
  readonly outcome: 'rejected' | 'quarantined';
}

/** Enough of a record to tell whether we hold it as the source does: its id and its change stamp. */
export type RecordKey = Pick<SourceRecord, 'id' | 'stamp'>;

/**
 * What one read covers: `[from, to)` of the source's clock. `to` is frozen before the first page.
 * A full read has neither bound and is the only one that may imply a removal.
 */
export interface ReadWindow {
  readonly mode: 'full' | 'incremental';
  readonly from: string | null;
  readonly to: string | null;
  /** About how many records the window holds, where the connector had to ask anyway; for progress, never for proof. */
  readonly expected?: number;
  /**
   * Seconds that the source's stamps may repeat, where they are a wall clock that is set back in autumn: of two saves of
   * a record the later may then have a stamp that is older by as much. Absent where stamps never run backwards.
   */
  readonly stampsRepeat?: number;
  /**
   * What the connector wants to be told when it opens the next window of this stream, opaque to everybody else. Kept with
   * the checkpoint once this window is certified, so that no restart forgets it.
   */
  readonly carry?: JsonObject;
  /**
   * The window is what a log still holds: what it no longer shows is not gone, and a comparison of keys speaks only of
   * what it lists.
   */
  readonly isLog?: boolean;
  /** Why nothing can prove this window, and what to do; it is not counted then, and its certificate never closes. */
  readonly unprovable?: string;
}

/**
 * Records that were asked for by id. One that is there and cannot be landed is `unreadable`, never left out: it is
 * neither gone nor unchanged.
 */
export interface RecordsById {
  readonly records: readonly SourceRecord[];
  readonly unreadable: readonly UnreadableRecord[];
}

/** Where the next page starts: opaque to everybody but the connector, and stored with the page it follows. */
export type PageToken = JsonObject;

/** What a reader asks of one page beside its place. */
export interface PageOptions {
  /** Records on the page at most, below the stream's own size: after a page was too large for this process. */
  readonly limit: number;
}

export interface Page {
  readonly records: readonly SourceRecord[];
  readonly unreadable: readonly UnreadableRecord[];
  /** Null after the last page of the window. */
  readonly next: PageToken | null;
}
