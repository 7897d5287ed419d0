/** A text as a SOQL literal. Everything that comes from outside goes through here. */
export function soqlText(text: string): string {
  return `'${text
    .replace(/[\\']/g, String.raw`\$&`)
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('\r', String.raw`\r`)}'`;
}

/** An instant as a SOQL literal, in whole seconds: Salesforce ignores the rest. */
export function soqlInstant(iso: string): string {
  return `${iso.slice(0, 19)}Z`;
}

/** The conditions that are there, joined by AND; empty where there is none. */
export function whereAll(conditions: readonly (string | null)[]): string {
  const present = conditions.filter((each) => each !== null);
  return present.length === 0 ? '' : ` WHERE ${present.join(' AND ')}`;
}

/** A request line may be 16 KB long; this leaves room for the rest of the query, and holds a batch of 200 of our ids. */
const LIST_CHARS = 13_000;

/** Cuts values into lists for `IN (…)`: at most `most` values, and short enough for a request line. */
export function soqlLists(values: readonly string[], most: number): readonly string[] {
  const lists: string[] = [];
  let list: string[] = [];
  let length = 0;
  for (const value of new Set(values)) {
    const literal = soqlText(value);
    const size = encodeURIComponent(literal).length + 3;
    if (list.length >= most || (list.length > 0 && length + size > LIST_CHARS)) {
      lists.push(list.join(','));
      list = [];
      length = 0;
    }
    list.push(literal);
    length += size;
  }
  return list.length > 0 ? [...lists, list.join(',')] : lists;
}
