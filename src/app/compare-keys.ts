import { bucketOf, differingBuckets, sumBuckets } from '../intake/bucket-hash.ts';
import { hasMovedOut, type Compared } from '../intake/certificate.ts';
import { heldKeys, heldStamps, heldSums, quarantinedIds } from '../intake/held-keys.ts';
import { differenceOf } from '../intake/key-difference.ts';
import { isNewer } from '../intake/page-records.ts';
import { readIdsFrom } from '../intake/read-ids.ts';
import type { ConnectorSession } from '../sdk/define-connector.ts';
import type { ReadWindow, RecordKey, SourceRecord } from '../sdk/record.ts';
import { leasedTx } from './leased-tx.ts';
import {
  countLanded,
  landAndMap,
  lookUp,
  readSource,
  stateNow,
  type StreamPull,
} from './stream-pull.ts';

const READ_AGAIN_AT_ONCE = 200;

/** Ids with their stamps, each once: a source whose pages shift may list one twice. */
export type Listed = ReadonlyMap<string, string | null>;

/** What the source lists for the window; null when it cannot list. */
export async function listSource(
  pull: StreamPull,
  session: ConnectorSession,
  window: ReadWindow,
): Promise<Listed | null> {
  const keys = await readSource(pull, () => session.listKeys(pull.stream, window));
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
): Promise<Compared> {
  const found = await differences(pull, window, listed);
  const caughtLate = await landAgain(pull, session, [...found.missing, ...found.stale]);
  const reread = await readAgain(pull, session, found.unlisted);
  await land(pull, reread);
  const wanted = [...found.missing, ...found.stale];
  const held = await lookUp(pull, (tx) => heldStamps(tx, pull, wanted));
  const waiting = await lookUp(pull, (tx) => quarantinedIds(tx, pull, wanted));
  const open = wanted.filter((id) => !waiting.has(id));
  return {
    listed: listed.size,
    missing: open.filter((id) => !held.has(id)),
    stale: open.filter((id) => {
      const ours = held.get(id);
      return ours !== undefined && ours !== null && ours < (listed.get(id) ?? '');
    }),
    unlisted: found.unlisted.length,
    movedOut: reread.filter((record) => hasMovedOut(record, window)).length,
    caughtLate,
  };
}

/** Compares what the source lists with the ids that this run read, a few pages of them at a time. */
export async function compareRead(
  pull: StreamPull,
  listed: Listed,
): Promise<{ readonly missing: readonly string[]; readonly unlisted: readonly string[] }> {
  const { runId, stream } = pull;
  const missing = new Set(listed.keys());
  const unlisted = new Set<string>();
  for (let page: number | null = 0; page !== null;) {
    const from: number = page;
    const read = await lookUp(pull, (tx) => readIdsFrom(tx, { runId, stream }, from));
    for (const id of read.ids) {
      if (!missing.delete(id) && !listed.has(id)) unlisted.add(id);
    }
    page = read.next;
  }
  return { missing: [...missing], unlisted: [...unlisted] };
}

async function differences(pull: StreamPull, { to }: ReadWindow, listed: Listed) {
  const { connection, stream } = pull;
  const place = { connection, stream, to };
  const ours = await lookUp(pull, (tx) => heldSums(tx, place));
  const buckets = differingBuckets(sumBuckets(keysOf(listed)), ours);
  if (buckets.length === 0) return { missing: [], stale: [], unlisted: [] };
  const differing = new Set(buckets);
  const inQuestion = new Map<string, string | null>();
  for (const key of keysOf(listed)) {
    if (differing.has(bucketOf(key))) inQuestion.set(key.id, key.stamp);
  }
  const held = await lookUp(pull, (tx) => heldKeys(tx, place, buckets));
  return differenceOf(inQuestion, held);
}

function* keysOf(listed: Listed): Generator<RecordKey> {
  for (const [id, stamp] of listed) yield { id, stamp };
}

/** Reads records by id and lands them, a batch at a time. Returns how many of them were late. */
async function landAgain(
  pull: StreamPull,
  session: ConnectorSession,
  ids: readonly string[],
): Promise<number> {
  let late = 0;
  for (let at = 0; at < ids.length; at += READ_AGAIN_AT_ONCE) {
    const some = ids.slice(at, at + READ_AGAIN_AT_ONCE);
    late += await land(pull, await readAgain(pull, session, some));
  }
  return late;
}

/** Reads records by id, whatever their stamp. */
export async function readAgain(
  pull: StreamPull,
  session: ConnectorSession,
  ids: readonly string[],
): Promise<readonly SourceRecord[]> {
  const found: SourceRecord[] = [];
  for (let at = 0; at < ids.length; at += READ_AGAIN_AT_ONCE) {
    const some = ids.slice(at, at + READ_AGAIN_AT_ONCE);
    found.push(...(await readSource(pull, () => session.readByIds(pull.stream, some))));
  }
  return found;
}

/** Lands records as one more page of the read. Returns how many of them were late. */
export async function land(pull: StreamPull, records: readonly SourceRecord[]): Promise<number> {
  if (records.length === 0) return 0;
  const { pages, since, window } = await stateNow(pull);
  const landed = await leasedTx(pull.deps, pull.context, (tx) =>
    landAndMap(
      tx,
      pull,
      { pageNumber: pages, since, window },
      { records, unreadable: [], next: null },
    ),
  );
  countLanded(pull, landed, window.mode === 'full' ? 'full pass' : 'overlap');
  return landed.late;
}
