import { prototypeKeyIn } from '../../src/sdk/exact-json.ts';
import { isObject } from '../../src/sdk/json-client.ts';
import type { Json, JsonObject } from '../../src/sdk/kernel.ts';
import { unreadable } from '../../src/sdk/read-only.ts';
import type { SourceRecord, UnreadableRecord } from '../../src/sdk/record.ts';

export interface Seats {
  /** By the assignee's id. */
  readonly records: readonly SourceRecord[];
  readonly unreadable: readonly UnreadableRecord[];
}

interface Row {
  readonly id: string;
  readonly data: JsonObject;
}

const textOf = (value: Json | undefined): string | null =>
  typeof value === 'string' && value !== '' ? value : null;

function readRow(row: Json): Row | UnreadableRecord {
  const assignee = isObject(row) && isObject(row['assignee']) ? row['assignee'] : {};
  const { id } = assignee;
  if (!isObject(row) || (typeof id !== 'number' && typeof id !== 'string'))
    return unreadable(null, 'no_id', 'A seat names no assignee with an id.');
  const key = prototypeKeyIn(row);
  if (key === null) return { id: String(id), data: row };
  return unreadable(String(id), 'forbidden_member', `Seat ${id} has a member named "${key}", which is never data.`); // prettier-ignore
}

/** The first of the given texts in the order of `pick`; null when there is none. */
function pick(rows: readonly Row[], name: string, which: 'first' | 'last'): string | null {
  const texts = rows.flatMap(({ data }) => textOf(data[name]) ?? []).toSorted();
  return (which === 'first' ? texts[0] : texts.at(-1)) ?? null;
}

/** What is said of a user by every one of the organisations that list the seat, said once. */
function merged(id: string, rows: readonly Row[]): SourceRecord {
  const [newest] = rows.toSorted((left, right) =>
    (textOf(left.data['last_activity_at']) ?? '') < (textOf(right.data['last_activity_at']) ?? '') ? 1 : -1,
  ); // prettier-ignore
  const assignee = isObject(newest?.data['assignee']) ? newest.data['assignee'] : {};
  const organizations = rows.flatMap(({ data }) =>
    isObject(data['organization']) ? (textOf(data['organization']['login']) ?? []) : [],
  );
  const isEnding = rows.every(({ data }) => textOf(data['pending_cancellation_date']) !== null);
  const data: JsonObject = {
    assignee: { id, login: textOf(assignee['login']), type: textOf(assignee['type']) },
    organizations: [...new Set(organizations)].toSorted(),
    plan_type: pick(rows, 'plan_type', 'last'),
    created_at: pick(rows, 'created_at', 'first'),
    last_activity_at: pick(rows, 'last_activity_at', 'last'),
    last_activity_editor: textOf(newest?.data['last_activity_editor']),
    pending_cancellation_date: isEnding ? pick(rows, 'pending_cancellation_date', 'last') : null,
  };
  return { id, stamp: null, deleted: false, data };
}

/**
 * One record for each user. An enterprise lists a user once for every organisation that gave the seat and bills it once
 * (GitHub, "List all Copilot seat assignments for an enterprise"): such rows become one, with the earliest start, the
 * latest activity, and an end only if every organisation ends it. The order of the rows does not matter.
 */
export function mergeSeats(rows: readonly Json[]): Seats {
  const read = rows.map(readRow);
  const bad = read.filter((row): row is UnreadableRecord => 'outcome' in row);
  const good = read.filter((row): row is Row => 'data' in row);
  const byUser = Map.groupBy(good, ({ id }) => id);
  return {
    records: [...byUser].map(([id, each]) => merged(id, each)).toSorted((left, right) => (left.id < right.id ? -1 : 1)), // prettier-ignore
    unreadable: bad.filter(({ id }) => id === null || !byUser.has(id)),
  };
}
