import type { Json } from '../kernel/hash.ts';
import { foldCase } from '../kernel/fold-case.ts';

/** A key of the table that one which it lacks may mean. */
export interface KeySuggestion {
  readonly key: string;
  readonly value: Json;
  /** 0 to 1. */
  readonly score: number;
  readonly reason: string;
}

const LEAST = 0.5;
const MOST = 3;
/** Entries that are compared letter by letter, those with most pieces in common. */
const COMPARED = 60;

/**
 * Makes a finder of the keys that an unknown one most likely means: alike but for case and marks, of the same words, or
 * a few letters away. The same table and key give the same answer, and no service is asked.
 */
export function keySuggester(
  entries: ReadonlyMap<string, Json>,
): (wanted: string) => readonly KeySuggestion[] {
  const pieces = new Map<string, string[]>();
  const byValue = new Map<string, string>();
  for (const [key, value] of entries) {
    for (const piece of piecesOf(key)) {
      const keys = pieces.get(piece);
      if (keys === undefined) pieces.set(piece, [key]);
      else keys.push(key);
    }
    if (typeof value === 'string' && !byValue.has(value)) byValue.set(value, key);
  }
  return (wanted) => {
    const common = new Map<string, number>();
    for (const piece of piecesOf(wanted))
      for (const key of pieces.get(piece) ?? []) common.set(key, (common.get(key) ?? 0) + 1);
    const near = [...common].toSorted((a, b) => b[1] - a[1] || compare(a[0], b[0]));
    const found = near.slice(0, COMPARED).map(([key]) => ({ key, ...likeness(wanted, key) }));
    const itself = byValue.get(wanted);
    if (itself !== undefined)
      found.push({ key: itself, score: 0.97, reason: 'it is itself a value of the table' });
    const best = new Map<string, (typeof found)[number]>();
    for (const each of found)
      if (each.score > (best.get(each.key)?.score ?? 0)) best.set(each.key, each);
    return [...best.values()]
      .filter(({ score }) => score >= LEAST)
      .toSorted((a, b) => b.score - a.score || compare(a.key, b.key))
      .slice(0, MOST)
      .map((each) => ({ ...each, value: entries.get(each.key) ?? null }));
  };
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function wordsOf(text: string): readonly string[] {
  return foldCase(text)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

/** Three letters at a time, of the words without what stands between them. */
function piecesOf(text: string): ReadonlySet<string> {
  const bare = ` ${wordsOf(text).join('')} `;
  return new Set(
    Array.from({ length: Math.max(1, bare.length - 2) }, (_, at) => bare.slice(at, at + 3)),
  );
}

function likeness(
  wanted: string,
  key: string,
): { readonly score: number; readonly reason: string } {
  const [a, b] = [wordsOf(wanted), wordsOf(key)];
  if (a.join('') === b.join('') && a.length > 0)
    return { score: 0.95, reason: 'the same but for case, blanks and marks' };
  const [left, right] = [new Set(a), new Set(b)];
  const shared = [...left].filter((word) => right.has(word));
  if (shared.length === left.size && left.size === right.size && left.size > 0)
    return { score: 0.92, reason: 'the same words in another order' };
  const dice = (2 * shared.length) / Math.max(1, left.size + right.size);
  const longest = Math.max(a.join('').length, b.join('').length, 1);
  const distance = editDistance(a.join(''), b.join(''));
  const letters = 1 - distance / longest;
  // Part numbers that differ in a letter are often two products: a person has to look.
  if (letters >= dice)
    return {
      score: round(0.9 * letters),
      reason: `${distance} letter${distance === 1 ? '' : 's'} away`,
    };
  return { score: round(0.88 * dice), reason: `both say ${shared.join(', ')}` };
}

function round(score: number): number {
  return Math.round(score * 1_000) / 1_000;
}

/** How many letters have to be put in, taken out or exchanged. */
function editDistance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, at) => at);
  for (let i = 1; i <= left.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const exchange = (previous[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      row.push(Math.min(exchange, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous.at(-1) ?? 0;
}
