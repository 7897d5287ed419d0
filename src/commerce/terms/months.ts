import { addMonths, daysBetween, type LocalDate, type Period } from '../../kernel/dates.ts';

/** A half-open period that has an end. */
export interface Term {
  readonly from: LocalDate;
  readonly to: LocalDate;
}

/** Whole months from the anchor, and the days that are left after them. */
export interface MonthsAndDays {
  readonly months: number;
  readonly days: number;
}

function monthIndex(date: LocalDate): number {
  return Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7));
}

/**
 * How many whole months lie in a term, counted from its first day as the anchor, and the days over: 15 September to
 * 1 April is six months and 17 days (rule c.9; G-51). Counting never goes on from a clamped date.
 */
export function monthsAndDays({ from, to }: Term): MonthsAndDays {
  let months = Math.max(0, monthIndex(to) - monthIndex(from));
  while (months > 0 && addMonths(from, months) > to) months -= 1;
  return { months, days: daysBetween(addMonths(from, months), to) };
}

/** A period of a grid, and the part of a term that lies in it, in days. */
export interface GridPiece {
  readonly days: number;
  readonly of: number;
}

/**
 * A term cut at the borders of a grid of periods of `months` months, on one of which `anchor` lies: billing months,
 * contract years. Borders are counted from the anchor, so that one on the 31st comes back to the 31st after February.
 */
export function cutAtGrid(term: Term, anchor: LocalDate, months: number): readonly GridPiece[] {
  const border = (at: number): LocalDate => addMonths(anchor, at * months);
  let at = Math.floor((monthIndex(term.from) - monthIndex(anchor)) / months) - 1;
  while (border(at + 1) <= term.from) at += 1;
  const pieces: GridPiece[] = [];
  for (let from = border(at); from < term.to; at += 1) {
    const to = border(at + 1);
    const first = from < term.from ? term.from : from;
    const last = to > term.to ? term.to : to;
    pieces.push({ days: daysBetween(first, last), of: daysBetween(from, to) });
    from = to;
  }
  return pieces;
}

/** The days that two periods share; null if there are none. */
export function commonDays(left: Term, right: Period): Term | null {
  const from = left.from < right.from ? right.from : left.from;
  const to = right.to === undefined || left.to < right.to ? left.to : right.to;
  return from < to ? { from, to } : null;
}
