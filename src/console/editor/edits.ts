import type { Row, RowEdit } from '../mapping-types.ts';
import { movedParts, type Part } from '../three-way.ts';

export type Rows = Readonly<Record<string, Row>>;

/** What edits were begun over; a save names it, so that nothing that came later is written over unseen. */
export interface Start {
  /** Of the draft; null where there was none. */
  readonly etag: string | null;
  /** The version that was in effect. */
  readonly version: number | null;
  readonly fields: Rows;
}

/** Rows that are changed and not saved; null for one that is taken out. */
export interface Edits {
  readonly start: Start;
  readonly rows: ReadonlyMap<string, Row | null>;
}

/** Edits with one row more. The start stays what it was when the first row was touched. */
export function withRow(edits: Edits | null, now: Start, name: string, row: Row | null): Edits {
  return { start: edits?.start ?? now, rows: new Map([...(edits?.rows ?? []), [name, row]]) };
}

/** Edits without one row; null where that was the last. */
export function withoutRow({ start, rows }: Edits, name: string): Edits | null {
  const left = new Map([...rows].filter(([other]) => other !== name));
  return left.size === 0 ? null : { start, rows: left };
}

/** Rows with edits on top. */
export function overlaid(base: Rows, edits: Edits | null): Rows {
  const rows = new Map<string, Row>(Object.entries(base));
  for (const [name, row] of edits?.rows ?? []) {
    if (row === null) rows.delete(name);
    else rows.set(name, row);
  }
  return Object.fromEntries(rows);
}

/** Edits as the API takes them. */
export function asRowEdits(edits: Edits | null): readonly RowEdit[] {
  return [...(edits?.rows ?? [])].map(([row, value]) =>
    value === null ? { op: 'remove', row } : { op: 'set', row, value },
  );
}

/** Edited rows that somebody else changed since the start: for each, one of the two has to give way. */
export function clashes({ start, rows }: Edits, now: Rows): readonly Part[] {
  const mine = overlaid(start.fields, { start, rows });
  return movedParts(start.fields, now, mine).filter(({ name }) => rows.has(name));
}

/** The edits on top of what is there now, without those rows that give way; null where none is left. */
export function restarted(
  { rows }: Edits,
  start: Start,
  givenUp: ReadonlySet<string>,
): Edits | null {
  const left = new Map([...rows].filter(([name]) => !givenUp.has(name)));
  return left.size === 0 ? null : { start, rows: left };
}
