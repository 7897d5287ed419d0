/**
 * The JSON form of what a flow returned: instants as RFC 3339 text, sets and maps as lists and objects, `undefined`
 * left out. Throws a TypeError for a bigint, which JSON cannot carry exactly.
 */
export function jsonable(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map((each) => jsonable(each) ?? null);
  if (value instanceof Set) return [...value].map(jsonable);
  if (value instanceof Map) return jsonable(Object.fromEntries(value));
  if (typeof value === 'bigint') throw new TypeError('A bigint has no exact JSON form.');
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== undefined && typeof each !== 'function')
      .map(([key, each]) => [key, jsonable(each)]),
  );
}
