import { createHash } from 'node:crypto';
import type { RecordKey } from '../sdk/record.ts';

/**
 * The keys of one bucket as figures that do not depend on their order: how many, and the sums of the four 64-bit words
 * of their hashes. Sums are exact, so one key less and another one more do not cancel out, as counts would.
 */
export interface BucketSum {
  readonly count: number;
  /** Decimal texts, as PostgreSQL's `sum(bigint)` gives them. */
  readonly words: readonly [string, string, string, string];
}

/** Buckets by number (0 to 255); an empty one has no entry. */
export type BucketSums = ReadonlyMap<number, BucketSum>;

const WORDS = [0, 8, 16, 24] as const;

/** SHA-256 of a key. An id holds no line feed in any source; a key without a stamp hashes as one with an empty stamp. */
function digestOf({ id, stamp }: RecordKey): Buffer {
  return createHash('sha256')
    .update(`${id}\n${stamp ?? ''}`)
    .digest();
}

/** The bucket of a key: the first byte of its hash. A key with another stamp is another key, mostly in another bucket. */
export function bucketOf(key: RecordKey): number {
  return digestOf(key).readUInt8(0);
}

/** The sums of a set of keys, whatever their order. Keys of one id are to be given once. */
export function sumBuckets(keys: Iterable<RecordKey>): BucketSums {
  const counts = new Map<number, { count: number; words: [bigint, bigint, bigint, bigint] }>();
  for (const key of keys) {
    const digest = digestOf(key);
    const bucket = digest.readUInt8(0);
    const sum = counts.get(bucket) ?? { count: 0, words: [0n, 0n, 0n, 0n] };
    sum.count += 1;
    WORDS.forEach((at, word) => {
      sum.words[word] = (sum.words[word] ?? 0n) + digest.readBigInt64BE(at);
    });
    counts.set(bucket, sum);
  }
  return new Map(
    [...counts].map(
      ([
        bucket,
        {
          count,
          words: [a, b, c, d],
        },
      ]) => [bucket, { count, words: [String(a), String(b), String(c), String(d)] }],
    ),
  );
}

/** The buckets in which two sets of keys differ, ascending. */
export function differingBuckets(left: BucketSums, right: BucketSums): readonly number[] {
  const all = new Set([...left.keys(), ...right.keys()]);
  return [...all]
    .filter((bucket) => !isSame(left.get(bucket), right.get(bucket)))
    .toSorted((a, b) => a - b);
}

function isSame(left: BucketSum | undefined, right: BucketSum | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  return left.count === right.count && left.words.every((word, at) => word === right.words[at]);
}
