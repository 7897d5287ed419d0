import type { Json, JsonObject } from '../kernel/hash.ts';
import type { ReadItem, RecordReading } from './reading.ts';

/**
 * What putting a draft in effect would do to one record: `create`, `update` and `remove` compare with what the target
 * holds now; `conflict`: another record holds what the draft wants to write; `blocked`: the draft does not map it;
 * `skipped`: nothing is there and nothing is to come.
 */
export const OUTCOMES = [
  'create',
  'update',
  'remove',
  'unchanged',
  'conflict',
  'blocked',
  'skipped',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** One target field under the draft, under what is in effect, and as it stands. Null: no value. */
export interface ComparedField {
  readonly field: string;
  readonly draft: Json;
  readonly live: Json;
  readonly present: Json;
  /** The draft and what is in effect give different values. */
  readonly differs: boolean;
  /** The target would change. */
  readonly changes: boolean;
}

/** One fact or vendor record. */
export interface ComparedItem {
  readonly noun: string;
  readonly ref: string;
  readonly change: 'create' | 'update' | 'remove' | 'same' | 'unknown';
  readonly fields: readonly ComparedField[];
}

export interface ComparedRecord {
  readonly outcome: Outcome;
  /** The draft and what is in effect make different things of the record. */
  readonly differs: boolean;
  readonly items: readonly ComparedItem[];
}

export interface Compared {
  readonly draft: RecordReading;
  /** Null where no version is in effect. */
  readonly live: RecordReading | null;
  /** What the target holds of this record; null where it cannot be read. */
  readonly present: readonly ReadItem[] | null;
  /** True for an item that another record holds already. */
  readonly isTaken: (item: ReadItem) => boolean;
}

/** Compares two versions of a mapping on one record, and both with what stands. Pure. */
export function compareReadings({ draft, live, present, isTaken }: Compared): ComparedRecord {
  const drafted = itemsOf(draft);
  const lived = live === null ? [] : itemsOf(live);
  const items = pairUp(drafted, lived, present);
  const differs = live === null ? draft.kind !== 'skipped' : differ(draft, live, items);
  // A record that fails keeps what it gave before, so nothing of it would change.
  if (draft.kind === 'failed') return { outcome: 'blocked', differs, items: [] };
  if (drafted.some(isTaken)) return { outcome: 'conflict', differs, items };
  return { outcome: outcomeOf(items, drafted.length), differs, items };
}

function itemsOf(reading: RecordReading): readonly ReadItem[] {
  return reading.kind === 'mapped' ? reading.items : [];
}

function differ(
  draft: RecordReading,
  live: RecordReading,
  items: readonly ComparedItem[],
): boolean {
  if ((draft.kind === 'failed') !== (live.kind === 'failed')) return true;
  if (draft.kind === 'failed' && live.kind === 'failed')
    return draft.code !== live.code || draft.row !== live.row;
  return items.some(({ fields }) => fields.some((field) => field.differs));
}

function outcomeOf(items: readonly ComparedItem[], drafted: number): Outcome {
  const count = (change: ComparedItem['change']): number =>
    items.filter((item) => item.change === change).length;
  const removed = count('remove');
  if (count('unknown') > 0) {
    const isOther = items.some(({ fields }) => fields.some((field) => field.differs));
    return isOther ? 'update' : 'unchanged';
  }
  if (drafted === 0) return removed > 0 ? 'remove' : 'skipped';
  if (count('create') === drafted && removed === 0) return 'create';
  return count('create') + count('update') + removed === 0 ? 'unchanged' : 'update';
}

function pairUp(
  drafted: readonly ReadItem[],
  lived: readonly ReadItem[],
  present: readonly ReadItem[] | null,
): readonly ComparedItem[] {
  const byKey = new Map<string, { draft?: ReadItem; live?: ReadItem; now?: ReadItem }>();
  const note = (side: 'draft' | 'live' | 'now', items: readonly ReadItem[]): void => {
    for (const item of items) {
      const key = `${item.noun}/${item.ref}`;
      byKey.set(key, { ...byKey.get(key), [side]: item });
    }
  };
  note('draft', drafted);
  note('live', lived);
  note('now', present ?? []);
  return [...byKey.values()].flatMap(({ draft, live, now }) => {
    const known = draft ?? live ?? now;
    if (known === undefined) return [];
    const fields = compareFields(draft?.values ?? {}, live?.values ?? {}, now?.values ?? {});
    return [
      { noun: known.noun, ref: known.ref, change: changeOf(draft, now, present, fields), fields },
    ];
  });
}

function changeOf(
  draft: ReadItem | undefined,
  now: ReadItem | undefined,
  present: readonly ReadItem[] | null,
  fields: readonly ComparedField[],
): ComparedItem['change'] {
  if (present === null) return 'unknown';
  if (draft === undefined) return now === undefined ? 'same' : 'remove';
  if (now === undefined) return 'create';
  return fields.some(({ changes }) => changes) ? 'update' : 'same';
}

function compareFields(
  draft: JsonObject,
  live: JsonObject,
  present: JsonObject,
): readonly ComparedField[] {
  const names = new Set([...Object.keys(draft), ...Object.keys(live), ...Object.keys(present)]);
  return [...names].map((field) => {
    const drafted = draft[field] ?? null;
    const lived = live[field] ?? null;
    const now = present[field] ?? null;
    return {
      field,
      draft: drafted,
      live: lived,
      present: now,
      differs: !sameJson(drafted, lived),
      changes: !sameJson(drafted, now),
    };
  });
}

/** True if two JSON values are equal, whatever the order of their members. */
export function sameJson(left: Json, right: Json): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object') return false;
  if (left === null || right === null) return false;
  if (isList(left) || isList(right)) {
    if (!isList(left) || !isList(right) || left.length !== right.length) return false;
    return left.every((each, at) => sameJson(each, right[at] ?? null));
  }
  const names = Object.keys(left);
  if (names.length !== Object.keys(right).length) return false;
  return names.every(
    (name) => Object.hasOwn(right, name) && sameJson(left[name] ?? null, right[name] ?? null),
  );
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
