import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cyclicEdges, type TreeEdge } from './organization-tree.ts';

const edge = (ref: string, childRef: string, parentRef: string): TreeEdge => ({
  ref,
  childRef,
  parentRef,
});

describe('the organisation tree', () => {
  test('an edge below itself closes a cycle, and so does one that makes an ancestor a descendant', () => {
    const standing = [edge('1', 'b', 'a'), edge('2', 'c', 'b')];

    expect(cyclicEdges(standing, [edge('3', 'a', 'a')]).map((each) => each.ref)).toEqual(['3']);
    expect(cyclicEdges(standing, [edge('3', 'a', 'c')]).map((each) => each.ref)).toEqual(['3']);
    expect(cyclicEdges(standing, [edge('3', 'd', 'a')])).toEqual([]);
  });

  test('what is kept is never a cycle, whatever is added', () => {
    const node = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    fc.assert(
      fc.property(fc.array(fc.tuple(node, node), { maxLength: 15 }), (pairs) => {
        const added = pairs.map(([child, parent], at) =>
          edge(String(at).padStart(2, '0'), child, parent),
        );
        const refused = new Set(cyclicEdges([], added).map((each) => each.ref));
        const kept = added.filter((each) => !refused.has(each.ref));

        expect(isAcyclic(kept)).toBe(true);
      }),
    );
  });
});

/** Takes leaves away until nothing is left; a rest is a cycle. */
function isAcyclic(edges: readonly TreeEdge[]): boolean {
  let left = [...edges];
  for (;;) {
    const parents = new Set(left.map((each) => each.parentRef));
    const rest = left.filter((each) => parents.has(each.childRef));
    if (rest.length === 0) return true;
    if (rest.length === left.length) return false;
    left = rest;
  }
}
