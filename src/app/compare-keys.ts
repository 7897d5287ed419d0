import { bucketOf, differingBuckets, sumBuckets } from '../intake/bucket-hash.ts';
import { hasMovedOut, type Compared } from '../intake/certificate.ts';
import { heldKeys, heldStamps, heldSums, quarantinedIds } from '../intake/held-keys.ts';
import { differenceOf } from '../intake/key-difference.ts';
import { isNewer } from '../intake/page-records.ts';
import { readIdsFrom } from '../intake/read-ids.ts';
import type { ConnectorSession } from '../sdk/define-connector.ts';
import type { ReadWindow, RecordKey } from '../sdk/record.ts';
import { settleUnmet, type Settled } from './removal-guard.ts';
import { landAgain } from './reread.ts';
import { lookUp, readSource, type StreamPull } from './stream-pull.ts';

/** Ids with their stamps, each once: a source whose pages shift may list one twice. */
export type Listed = ReadonlyMap<string, string | null>;

/** What the source lists for the window; null when it cannot list. */
export async function listSource(
  pull: StreamPull,
  session: ConnectorSession,
  window: ReadWindow,
): Promise<Listed | null> {
  const keys = await readSource(pull, () =>
    session.listKeys(pull.stream, window, pull.context.signal),
  );
  return keys === null ? null : newestOf(keys);
}

function newestOf(keys: readonly RecordKey[]): Listed {
  const listed = new Map<string, string | null>();
  for (const { id, stamp } of keys) {
    const known = listed.get(id);
    if (known === undefined || isNewer(stamp, known)) listed.set(id, stamp);
  }
  return listed;
}

/** What a comparison found, and what became of records that the source does not show. */
export interface ComparedKeys {
  readonly compared: Compared;
  readonly settled: Settled;
}

/**
 * Compares what the source lists for a window without a start with what we hold: by sums over hashes per bucket first,
 * and key by key only where those differ. What we lack, hold too old or hold in vain is read again by id and lands, so
 * the comparison mends what it finds; what is then still not as listed is named.
 */
export async function compareKeys(
  pull: StreamPull,
  session: ConnectorSession,
  window: ReadWindow,
  listed: Listed,
): Promise<ComparedKeys> {
  const found = await differences(pull, window, listed);
  const wanted = [...found.missing, ...found.stale];
  const lacking = await landAgain(pull, session, wanted);
  const ahead = await landAgain(pull, session, found.ahead, 'as read');
  const unmet = {
    reread: { records: [], unreadable: [] },
    ids: found.unlisted,
    isWhole: true,
    before: window.to,
  };
  const settled = await settleUnmet(pull, session, unmet);
  const held = await lookUp(pull, (tx) => heldStamps(tx, pull, wanted));
  const waiting = await lookUp(pull, (tx) => quarantinedIds(tx, pull, wanted));
  const open = wanted.filter((id) => !waiting.has(id));
  const compared = {
    listed: listed.size,
    missing: open.filter((id) => !held.has(id)),
    stale: open.filter((id) => {
      const ours = held.get(id);
      return ours !== undefined && ours !== null && ours < (listed.get(id) ?? '');
    }),
    unlisted: found.unlisted.length - settled.kept,
    movedOut: settled.reread.filter((record) => hasMovedOut(record, window)).length,
    caughtLate: lacking.late + ahead.late,
  };
  return { compared, settled };
}

/** What keeps a read from being what the source lists for its window. */
export interface ReadDifference {
  readonly missing: readonly string[];
  readonly unlisted: readonly string[];
  /** Ids that were read and of which we hold another stamp than the source lists. */
  readonly restamped: readonly string[];
}

/** Compares what the source lists with the ids that this run read, a few pages of them at a time. */
export async function compareRead(pull: StreamPull, listed: Listed): Promise<ReadDifference> {
  const { runId, stream } = pull;
  const missing = new Set(listed.keys());
  const unlisted = new Set<string>();
  const restamped = new Set<string>();
  for (let page: number | null = 0; page !== null;) {
    const from: number = page;
    const { read, held } = await lookUp(pull, async (tx) => {
      const ids = await readIdsFrom(tx, { runId, stream }, from);
      return { read: ids, held: await heldStamps(tx, pull, ids.ids) };
    });
    for (const id of read.ids) {
      if (!missing.delete(id) && !listed.has(id)) unlisted.add(id);
      else if (differs(held.get(id), listed.get(id))) restamped.add(id);
    }
    page = read.next;
  }
  return { missing: [...missing], unlisted: [...unlisted], restamped: [...restamped] };
}

/** A side without a stamp says only that the record exists. */
function differs(ours: string | null | undefined, listed: string | null | undefined): boolean {
  return typeof ours === 'string' && typeof listed === 'string' && ours !== listed;
}

async function differences(pull: StreamPull, { to, isLog }: ReadWindow, listed: Listed) {
  const { connection, stream } = pull;
  const place = { connection, stream, to };
  const ours = await lookUp(pull, (tx) => heldSums(tx, place));
  const buckets = differingBuckets(sumBuckets(keysOf(listed)), ours);
  if (buckets.length === 0) return { missing: [], stale: [], ahead: [], unlisted: [] };
  const differing = new Set(buckets);
  const inQuestion = new Map<string, string | null>();
  for (const key of keysOf(listed)) {
    if (differing.has(bucketOf(key))) inQuestion.set(key.id, key.stamp);
  }
  const held = await lookUp(pull, (tx) => heldKeys(tx, place, buckets));
  const difference = differenceOf(inQuestion, held);
  // What a log does not show any more is not gone.
  return isLog === true ? { ...difference, unlisted: [] } : difference;
}

function* keysOf(listed: Listed): Generator<RecordKey> {
  for (const [id, stamp] of listed) yield { id, stamp };
}
