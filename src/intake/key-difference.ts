import type { RecordKey } from '../sdk/record.ts';
import { isNewer } from './page-records.ts';

/** A record that we hold, as far as a comparison of keys needs it. */
export interface HeldKey extends RecordKey {
  readonly deleted: boolean;
}

export interface KeyDifference {
  /** Listed by the source and never landed. */
  readonly missing: readonly string[];
  /** Held with an older stamp than the source lists. */
  readonly stale: readonly string[];
  /** Held with a newer stamp than the source lists: landed after the listing, or the source's clock was set back. */
  readonly ahead: readonly string[];
  /** Held as existing and not listed: gone, or moved out of the window. */
  readonly unlisted: readonly string[];
}

/**
 * What keeps the keys that we hold from being those that the source lists. A tombstone that is not listed is what it
 * should be.
 */
export function differenceOf(
  listed: ReadonlyMap<string, string | null>,
  held: readonly HeldKey[],
): KeyDifference {
  const heldById = new Map(held.map((key) => [key.id, key]));
  const missing: string[] = [];
  const stale: string[] = [];
  const ahead: string[] = [];
  for (const [id, stamp] of listed) {
    const ours = heldById.get(id);
    if (ours === undefined) missing.push(id);
    else if (isStale(ours, stamp)) stale.push(id);
    else if (isAhead(ours, stamp)) ahead.push(id);
  }
  const unlisted = held.filter((key) => !key.deleted && !listed.has(key.id)).map(({ id }) => id);
  return {
    missing: missing.toSorted(),
    stale: stale.toSorted(),
    ahead: ahead.toSorted(),
    unlisted: unlisted.toSorted(),
  };
}

/** A tombstone without a stamp is outdated by any listing; a listing without stamps says only that a record exists. */
function isStale(ours: HeldKey, listed: string | null): boolean {
  if (ours.deleted && ours.stamp === null) return true;
  return listed !== null && listed !== ours.stamp && isNewer(listed, ours.stamp);
}

function isAhead(ours: HeldKey, listed: string | null): boolean {
  return listed !== null && ours.stamp !== null && ours.stamp > listed;
}
