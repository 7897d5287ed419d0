import { ValidationError } from '../kernel/errors.ts';
import { canonicalJson, type Json } from '../kernel/hash.ts';
import { checkEntries, checkTable, type EntryProblem, type LookupKind } from './lookup-kinds.ts';

/** What happened to one key; null where there was, or is, no entry. */
export interface EntryChange {
  readonly key: string;
  readonly before: Json | null;
  readonly after: Json | null;
  readonly kind: 'added' | 'changed' | 'removed';
}

/** What shall be set, and the keys that go; `others`: all that are not set. */
export interface WantedEntries {
  readonly set: ReadonlyMap<string, Json>;
  readonly remove: readonly string[] | 'others';
}

const MAX_ENTRIES = 100_000;
/** Problems that are told at once. */
const MAX_PROBLEMS = 200;

/** The refusal of an edit, with a pointer to each entry that does not fit. */
export function misfit(name: string, problems: readonly EntryProblem[]): ValidationError {
  return new ValidationError(
    `The entries do not fit the lookup table "${name}", so nothing was changed.`,
    {
      details: {
        problems: problems.slice(0, MAX_PROBLEMS).map(({ key, member, code, message }) => ({
          pointer: pointerTo(key, member),
          code,
          message,
        })),
      },
    },
  );
}

function pointerTo(key: string, member: string | null): string {
  const escaped = key.slice(0, 200).replaceAll('~', '~0').replaceAll('/', '~1');
  return `/entries/${escaped}${member === null || member === 'value' ? '' : `/${member.replaceAll('.', '/')}`}`;
}

/** Everything that is wrong with an edit of a table that holds `before`. */
export function problemsOf(
  kind: LookupKind,
  before: ReadonlyMap<string, Json>,
  wanted: WantedEntries,
): readonly EntryProblem[] {
  const after = afterOf(before, wanted);
  if (after.size > MAX_ENTRIES) {
    const message = `The table would have ${after.size} entries; at most ${MAX_ENTRIES} are kept.`;
    return [{ key: '', member: null, code: 'too_many', message }];
  }
  const missing = wanted.remove === 'others' ? [] : wanted.remove.filter((key) => !before.has(key));
  const bad = [
    ...missing.map((key) => ({ key, member: null, code: 'not_there', message: `There is no entry "${key}" to remove.` })), // prettier-ignore
    ...checkEntries(kind, wanted.set),
  ];
  return bad.length > 0 ? bad : checkTable(kind, after);
}

function afterOf(
  before: ReadonlyMap<string, Json>,
  { set, remove }: WantedEntries,
): ReadonlyMap<string, Json> {
  if (remove === 'others') return set;
  const after = new Map(before);
  for (const key of remove) after.delete(key);
  for (const [key, value] of set) after.set(key, value);
  return after;
}

/** What an edit would change in a table that holds `before`. */
export function changesOf(
  before: ReadonlyMap<string, Json>,
  wanted: WantedEntries,
): readonly EntryChange[] {
  return changesBetween(before, afterOf(before, wanted));
}

/** What two contents of a table differ in, by key. */
export function changesBetween(
  before: ReadonlyMap<string, Json>,
  after: ReadonlyMap<string, Json>,
): readonly EntryChange[] {
  const keys = [...new Set([...before.keys(), ...after.keys()])].toSorted();
  return keys.flatMap((key): EntryChange[] => {
    const [old, now] = [before.get(key), after.get(key)];
    if (old === undefined) return [{ key, before: null, after: now ?? null, kind: 'added' }];
    if (now === undefined) return [{ key, before: old, after: null, kind: 'removed' }];
    if (canonicalJson(old) === canonicalJson(now)) return [];
    return [{ key, before: old, after: now, kind: 'changed' }];
  });
}
