/** Texts between quotes, in which only these two characters would mean something else. */
const SPECIAL = /["\\]/;

/**
 * Texts as a parameter for a `text[]`, in PostgreSQL's own spelling (`{"a","b"}`): for the thousands of ids of a page
 * ten times as fast as the driver, which looks at each character of each text.
 */
export function textList(values: readonly string[]): string {
  if (values.length === 0) return '{}';
  const joined = values.join('\n');
  if (!SPECIAL.test(joined)) return `{"${values.join('","')}"}`;
  return `{${values.map((value) => `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`).join(',')}}`;
}
