import { ValidationError } from '../kernel/errors.ts';
import type { SourceRecord, UnreadableRecord } from '../sdk/record.ts';
import { contentOf } from './content-hash.ts';

/** What of a record is kept beside its id, stamp and tombstone. */
export interface Content {
  /** The data as JSON text. */
  readonly text: string;
  readonly hash: string;
}

export type ReadContent =
  | { readonly ok: true; readonly content: Content }
  | { readonly ok: false; readonly problem: UnreadableRecord };

/** Contents that were made before the page lands, by id, each with the record that it is of: an id may come twice. */
export type Contents = ReadonlyMap<
  string,
  { readonly record: SourceRecord; readonly read: ReadContent }
>;

/** The content of a record, as it was made before or, where it was not, now. */
export function contentNow(record: SourceRecord, contents: Contents | undefined): ReadContent {
  const made = contents?.get(record.id);
  return made?.record === record ? made.read : readContent(record);
}

export interface Newest {
  /** One record per id: the newest of the page. */
  readonly winners: readonly SourceRecord[];
  /** Records that lost against a newer one of the same page. */
  readonly losers: readonly SourceRecord[];
  /** Records that came twice and cannot be kept, so that they win against nobody. */
  readonly unreadable: readonly UnreadableRecord[];
}

/** The content in the form in which it is kept, or why PostgreSQL cannot keep it. */
export function readContent(record: SourceRecord): ReadContent {
  const content = contentIfKept(record);
  if (content instanceof ValidationError) {
    const { code } = content.details;
    return refused(record, typeof code === 'string' ? code : 'unreadable', content.message);
  }
  const { text } = content;
  const escape = text.includes('\\u') ? unkeptEscape(text) : null;
  if (escape === null) return { ok: true, content };
  if (escape === '\\u0000') {
    return refused(
      record,
      'nul_character',
      'A text of the record holds a NUL character. Remove it at the source.',
    );
  }
  return refused(
    record,
    'half_character',
    'A text of the record holds half of a character (a lone surrogate). Correct it at the source.',
  );
}

function contentIfKept({ data, deleted }: SourceRecord): Content | ValidationError {
  try {
    return contentOf(data, deleted);
  } catch (error) {
    if (error instanceof ValidationError) return error;
    throw error;
  }
}

function refused(record: SourceRecord, code: string, reason: string): ReadContent {
  return { ok: false, problem: { id: record.id, code, reason, outcome: 'quarantined' } };
}

/** JSON.stringify escapes NUL and lone surrogates so; a backslash of the text itself is doubled and means neither. */
const ESCAPES = /\\(?:u0000|ud[89a-f][0-9a-f]{2}|.)/g;

function unkeptEscape(text: string): string | null {
  for (const [escape] of text.matchAll(ESCAPES)) {
    if (escape === '\\u0000' || escape.startsWith('\\ud')) return escape;
  }
  return null;
}

/** Without a stamp a record is as new as its reading: a tombstone of a source that keeps none. */
export function isNewer(stamp: string | null, than: string | null): boolean {
  return stamp === null || stamp >= (than ?? '');
}

const WALL_CLOCK = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/;

/** A stamp in milliseconds. Only differences are asked for, so any zone does for a stamp without one. */
export const stampMillis = (stamp: string): number =>
  Date.parse(WALL_CLOCK.test(stamp) ? `${stamp.replace(' ', 'T')}Z` : stamp);

/** True if a clock that repeats so many seconds may show `stamp` after it showed `than`, though it is the older text. */
export function mayRepeat(stamp: string | null, than: string | null, seconds: number): boolean {
  if (seconds <= 0 || stamp === null || than === null) return false;
  return stampMillis(than) - stampMillis(stamp) <= seconds * 1000;
}

/** The newest record of each id; of two with the same stamp, the later in the page. */
export function newestPerId(records: readonly SourceRecord[], contents?: Contents): Newest {
  const winners = new Map<string, SourceRecord>();
  const losers: SourceRecord[] = [];
  const unreadable: UnreadableRecord[] = [];
  const isKept = (record: SourceRecord): boolean => {
    const read = contentNow(record, contents);
    if (!read.ok) unreadable.push(read.problem);
    return read.ok;
  };
  for (const record of records) {
    const rival = winners.get(record.id);
    if (rival === undefined) winners.set(record.id, record);
    else if (isKept(record)) {
      if (!isKept(rival)) winners.set(record.id, record);
      else if (isNewer(record.stamp, rival.stamp)) {
        losers.push(rival);
        winners.set(record.id, record);
      } else losers.push(record);
    }
  }
  return { winners: [...winners.values()], losers, unreadable };
}
