/** Order of two texts by code unit: the same on every machine, whatever its locale. */
export function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Order of two records by connection and reference: the last word of every tie. */
export function bySource(
  left: { readonly connection: string; readonly externalRef: string },
  right: { readonly connection: string; readonly externalRef: string },
): number {
  return (
    compareText(left.connection, right.connection) ||
    compareText(left.externalRef, right.externalRef)
  );
}

/** The values in groups by key, groups and members in the order of their first appearance. */
export function groupBy<Value>(
  values: Iterable<Value>,
  keyOf: (value: Value) => string,
): ReadonlyMap<string, readonly Value[]> {
  const groups = new Map<string, Value[]>();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}
