/** An edge of the organisation tree. */
export interface TreeEdge {
  readonly ref: string;
  readonly parentRef: string;
  readonly childRef: string;
}

/**
 * The edges that close a cycle, in the order of their references: the tree of organisations is acyclic at every
 * valid time (rule b.2), so these are not used and a person is told.
 */
export function cyclicEdges(edges: readonly TreeEdge[]): readonly TreeEdge[] {
  const parentOf = new Map<string, string>();
  const cyclic: TreeEdge[] = [];
  for (const edge of edges.toSorted((a, b) => (a.ref < b.ref ? -1 : 1))) {
    if (reaches(parentOf, edge.parentRef, edge.childRef)) cyclic.push(edge);
    else parentOf.set(edge.childRef, edge.parentRef);
  }
  return cyclic;
}

function reaches(parentOf: ReadonlyMap<string, string>, from: string, to: string): boolean {
  let at: string | undefined = from;
  while (at !== undefined) {
    if (at === to) return true;
    at = parentOf.get(at);
  }
  return false;
}
