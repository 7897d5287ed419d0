/**
 * The fewest points such that each pair has one of them, on either side: by König's theorem as many as the largest
 * matching has pairs. The same pairs in any order give the same cover.
 */
export function smallestCover(pairs: readonly (readonly [string, string])[]): {
  readonly left: readonly string[];
  readonly right: readonly string[];
} {
  const rights = new Map(
    [...Map.groupBy(pairs, ([left]) => left)]
      .map(([left, own]) => [left, [...new Set(own.map(([, right]) => right))].toSorted()] as const)
      .toSorted(([one], [other]) => (one < other ? -1 : 1)),
  );
  const matchOfRight = new Map<string, string>();
  for (const left of rights.keys()) augment(left, rights, matchOfRight);
  const matched = new Set(matchOfRight.values());
  const reached = { left: new Set<string>(), right: new Set<string>() };
  const waiting = [...rights.keys()].filter((left) => !matched.has(left));
  for (let left = waiting.pop(); left !== undefined; left = waiting.pop()) {
    if (reached.left.has(left)) continue;
    reached.left.add(left);
    for (const right of rights.get(left) ?? []) {
      reached.right.add(right);
      const other = matchOfRight.get(right);
      if (other !== undefined) waiting.push(other);
    }
  }
  return {
    left: [...rights.keys()].filter((left) => !reached.left.has(left)),
    right: [...reached.right].toSorted(),
  };
}

/** Finds a further pair for a point, moving others where that helps; breadth first, so that no chain is too deep. */
function augment(
  start: string,
  rights: ReadonlyMap<string, readonly string[]>,
  matchOfRight: Map<string, string>,
): void {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (let at = 0; at < queue.length; at += 1) {
    const left = queue[at] as string;
    for (const right of rights.get(left) ?? []) {
      if (cameFrom.has(right)) continue;
      cameFrom.set(right, left);
      const other = matchOfRight.get(right);
      if (other !== undefined) {
        queue.push(other);
        continue;
      }
      flip(right, start, cameFrom, matchOfRight);
      return;
    }
  }
}

function flip(
  end: string,
  start: string,
  cameFrom: ReadonlyMap<string, string>,
  matchOfRight: Map<string, string>,
): void {
  const before = new Map([...matchOfRight].map(([right, left]) => [left, right]));
  let right: string | undefined = end;
  while (right !== undefined) {
    const left = cameFrom.get(right);
    if (left === undefined) return;
    matchOfRight.set(right, left);
    right = left === start ? undefined : before.get(left);
  }
}
