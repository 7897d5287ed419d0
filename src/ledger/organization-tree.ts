/** An edge of the organisation tree. */
export interface TreeEdge {
  readonly ref: string;
  readonly parentRef: string;
  readonly childRef: string;
}

/**
 * The new edges that would close a cycle with what stands and with the new edges before them, in the order of their
 * references. Pure; the order of the input does not matter.
 */
export function cyclicEdges(
  standing: readonly TreeEdge[],
  added: readonly TreeEdge[],
): readonly TreeEdge[] {
  const parentsOf = new Map<string, string[]>();
  const keep = ({ parentRef, childRef }: TreeEdge): void => {
    parentsOf.set(childRef, [...(parentsOf.get(childRef) ?? []), parentRef]);
  };
  for (const edge of standing) keep(edge);
  const cyclic: TreeEdge[] = [];
  for (const edge of added.toSorted((a, b) => (a.ref < b.ref ? -1 : 1))) {
    if (reaches(parentsOf, edge.parentRef, edge.childRef)) cyclic.push(edge);
    else keep(edge);
  }
  return cyclic;
}

/** True if `to` is `from` itself or above it. */
function reaches(
  parentsOf: ReadonlyMap<string, readonly string[]>,
  from: string,
  to: string,
): boolean {
  const seen = new Set<string>();
  const next = [from];
  for (let at = next.pop(); at !== undefined; at = next.pop()) {
    if (at === to) return true;
    if (seen.has(at)) continue;
    seen.add(at);
    next.push(...(parentsOf.get(at) ?? []));
  }
  return false;
}
