import type { ApiClient } from '../api-client.ts';
import { wholeNumber } from '../nouns.ts';

export interface Lookup {
  readonly name: string;
  readonly kind: string;
  readonly version: number;
  readonly entries: number;
  readonly unmatched: number;
  readonly readBy: readonly string[];
}

export interface Change {
  readonly key: string;
  readonly kind: 'added' | 'changed' | 'removed';
  readonly before: unknown;
  readonly after: unknown;
  readonly line?: number | null;
}

export interface After {
  readonly lookup: Lookup;
  readonly changes: readonly Change[];
  readonly replays: readonly { readonly records: number }[];
}

/** Where a table is in the API. */
export function pathOf(name: string): string {
  return `/lookups/${encodeURIComponent(name)}`;
}

/** Changes a table as it is now, or as it was when the caller saw the version that it names. */
export async function changeLookup<T>(
  api: ApiClient,
  name: string,
  action: string,
  body: object,
  at?: string,
): Promise<T> {
  const { etag } = await api.tagged<Lookup>(pathOf(name));
  const seen = at === undefined ? etag : `"${name}.${wholeNumber(at, '--at')}"`;
  return api.change<T>('POST', `${pathOf(name)}:${action}`, seen, body);
}

/** What came of a change, in a sentence. */
export function afterText({ lookup, changes, replays }: After): string {
  const records = replays.reduce((sum, replay) => sum + replay.records, 0);
  const again = records === 0 ? '' : ` ${records} records are mapped again.`;
  return changes.length === 0
    ? `${lookup.name} stays as it is, at version ${lookup.version}.`
    : `${lookup.name} is at version ${lookup.version}: ${changesText(changes)}.${again}`;
}

/** How much changed, in words. */
export function changesText(changes: readonly Change[]): string {
  const count = (kind: Change['kind']): number =>
    changes.filter((each) => each.kind === kind).length;
  return `${count('added')} added, ${count('changed')} changed, ${count('removed')} removed`;
}

/** What happened to one key, as a line. */
export function changeText({ key, kind, before, after, line }: Change): string {
  const at = line === undefined || line === null ? '' : `line ${line}: `;
  if (kind === 'added') return `${at}+ ${key} = ${JSON.stringify(after)}`;
  if (kind === 'removed') return `${at}- ${key} (was ${JSON.stringify(before)})`;
  return `${at}~ ${key} = ${JSON.stringify(after)} (was ${JSON.stringify(before)})`;
}
